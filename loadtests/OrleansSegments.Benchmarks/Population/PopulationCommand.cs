using System.CommandLine;
using OrleansSegments.Silo.CommandLine;

namespace OrleansSegments.Benchmarks.Population;

/// <summary>
/// <c>bench population</c>: work on everybody. A model that moves a tenth of the customers, and deadlines of many in one minute, with nobody in memory;
/// the same model with everybody in memory under a stream of events, and the collector's longest pause meanwhile.
/// </summary>
internal static class PopulationCommand
{
    public static Command Create()
    {
        var customers = OptionValues.Number("--customers", "Customers, all of whom exist before the measurement", 1_000_000, 10_000, 50_000_000);
        var windows = OptionValues.Number("--windows", "Roll-outs of each kind", 5, 1, 100);
        var deadlines = OptionValues.Number("--deadlines", "Customers that are due within one minute", 100_000, 1_000, 10_000_000);
        var rate = OptionValues.Number("--rate", "Events a second while everybody is in memory", 20_000, 1_000, 1_000_000);
        var command = new Command("population", "Measure roll-outs and deadlines over a whole population, in memory and not; fifteen minutes.") { customers, windows, deadlines, rate };
        command.SetAction((parsed, cancellationToken) => PopulationMeasurement.RunAsync(
            new PopulationPlan(parsed.GetValue(customers), parsed.GetValue(windows), parsed.GetValue(deadlines), parsed.GetValue(rate)), cancellationToken));
        return command;
    }
}

internal sealed record PopulationPlan(int Customers, int Windows, int Deadlines, int EventsPerSecond);
