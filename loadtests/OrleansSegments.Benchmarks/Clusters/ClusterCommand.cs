using System.CommandLine;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Clusters;

/// <summary>
/// <c>bench cluster</c>: the same load on a silo alone and on clusters of one, two and three silos, each over a PostgreSQL server of its own.
/// All share the machine's cores, so what tells how it scales is the processor time of all silos for an event.
/// </summary>
internal static class ClusterCommand
{
    private const int SilosMax = 3;
    private const double GrowthMax = 1.5;

    public static Command Create()
    {
        var rate = OptionValues.Number("--rate", "Events a second, over all silos", 6_000, 100, 1_000_000);
        var batch = OptionValues.Number("--batch", "Events in one request", 100, 1, 1_000);
        var customers = OptionValues.Number("--customers", "Customers", 20_000, 1_000, 10_000_000);
        var seconds = OptionValues.Number("--seconds", "Length of a window", 10, 1, 3_600);
        var windows = OptionValues.Number("--windows", "Windows of each measurement", 5, 1, 100);
        var warmUp = OptionValues.Number("--warm-up-seconds", "Load before the training and again before the windows", 120, 1, 3_600);
        Option<string[]> silos = OptionValues.Choices("--silos", "Some of these numbers of silos; 0 for a silo that is no cluster.", "0", "1", "2", "3");
        var command = new Command("cluster", "Compare what an event costs on one, two and three silos; twenty minutes.") { rate, batch, customers, seconds, windows, warmUp, silos };
        command.SetAction((parsed, cancellationToken) => RunAsync(new ClusterPlan(
            parsed.GetValue(rate), parsed.GetValue(batch), parsed.GetValue(customers), TimeSpan.FromSeconds(parsed.GetValue(warmUp)), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(windows), [.. parsed.GetValue(silos)!.Select(int.Parse).Order()]), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ClusterPlan plan, CancellationToken cancellationToken)
    {
        if (PostgresServer.Unavailable is { } problem)
        {
            Console.Error.WriteLine(problem);
            return 1;
        }

        var figures = new List<Figure>();
        double? one = null;
        foreach (int silos in plan.Silos)
        {
            string name = silos == 0 ? "no cluster" : $"cluster of {silos}";
            Console.WriteLine($"== {name}");
            ClusterSample sample = await ClusterMeasurement.RunAsync(silos, plan, cancellationToken);
            var cost = new Figure($"processor time of all silos per event, {name}", "us", silos == SilosMax ? one * GrowthMax : null, true, sample.MicrosecondsPerEvent);
            one = silos == 1 ? cost.Median : one;
            figures.Add(cost);
            figures.Add(new Figure($"events taken, {name}", "1/s", null, false, sample.EventsPerSecond));
            figures.Add(new Figure($"batch of {plan.BatchEvents} answered, p99, {name}", "ms", null, true, sample.MillisecondsP99));
            figures.Add(new Figure($"processor time of all silos per customer, training and roll-out, {name}", "us", null, true, [sample.MicrosecondsPerCustomerTrained]));
            figures.Add(new Figure($"resident memory of all silos, {name}", "MB", null, true, [sample.ResidentMegabytes]));
            figures.Add(new Figure($"resident memory that came with a live customer and its share of the load, {name}", "KB", null, true, [sample.KilobytesPerCustomer(plan.Customers)]));
        }

        return BenchReport.Write(
            "cluster",
            $"{plan.Customers:N0} simulated customers, {plan.EventsPerSecond:N0} events/s by HTTP in batches of {plan.BatchEvents} to the silos in equal shares, open loop; "
                + $"{plan.Windows} windows of {plan.Window.TotalSeconds:N0} s after warm-ups of {plan.WarmUp.TotalSeconds:N0} s; silos, PostgreSQL and the sender share the cores; only the silos' processor time is counted.",
            figures,
            $"cluster --rate {plan.EventsPerSecond} --batch {plan.BatchEvents} --customers {plan.Customers} --seconds {plan.Window.TotalSeconds:F0} --windows {plan.Windows} --warm-up-seconds {plan.WarmUp.TotalSeconds:F0} --silos {string.Join(' ', plan.Silos)}");
    }
}
