using System.CommandLine;
using OrleansSegments.Benchmarks.Reports;

namespace OrleansSegments.Benchmarks.Population;

/// <summary>
/// <c>bench population</c>: work on everybody. A model that moves a tenth of the customers, and deadlines of many in one minute, with nobody in memory;
/// the same model with everybody in memory under a stream of events, and the collector's longest pause meanwhile.
/// </summary>
internal static class PopulationCommand
{
    public static int Run(string[] args)
    {
        var customers = CommandNumbers.Option("--customers", "Customers, all of whom exist before the measurement.", 1_000_000, 10_000, 50_000_000);
        var windows = CommandNumbers.Option("--windows", "Roll-outs of each kind.", 5, 1, 100);
        var deadlines = CommandNumbers.Option("--deadlines", "Customers that are due within one minute.", 100_000, 1_000, 10_000_000);
        var rate = CommandNumbers.Option("--rate", "Events a second while everybody is in memory.", 20_000, 1_000, 1_000_000);
        var command = new RootCommand("Measure roll-outs and deadlines over a whole population, in memory and not.") { customers, windows, deadlines, rate };
        command.SetAction((parsed, cancellationToken) => PopulationMeasurement.RunAsync(
            new PopulationPlan(parsed.GetValue(customers), parsed.GetValue(windows), parsed.GetValue(deadlines), parsed.GetValue(rate)), cancellationToken));
        return BenchInvocation.Run(command, args);
    }
}

internal sealed record PopulationPlan(int Customers, int Windows, int Deadlines, int EventsPerSecond);
