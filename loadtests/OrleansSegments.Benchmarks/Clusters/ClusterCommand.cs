using System.CommandLine;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.CrashTests.Clusters;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.TestKit.Postgres;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.Benchmarks.Clusters;

/// <summary>
/// <c>bench cluster</c>: the same load on a single silo and on clusters of one, two and three silos, each on its own PostgreSQL server. All
/// share the machine's cores, so scaling is judged by the silos' total processor time per event.
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
        Option<string[]> silos = OptionValues.Choices("--silos", "Only these numbers of silos; 0 for a single silo without a cluster.", "0", "1", "2", "3");
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

/// <summary>Starts a deployment as processes, loads and trains it, and measures the processor time of its silos.</summary>
internal sealed class ClusterMeasurement(IReadOnlyList<SiloProcess> silos, ClusterPlan plan)
{
    private const int Segments = 5;
    private const double Megabyte = 1_000_000;

    private static readonly TimeSpan RolledOutWithin = TimeSpan.FromMinutes(5);

    private ulong _seed = 1;

    /// <param name="silos">Number of silos in the cluster; 0 for a single silo without a cluster.</param>
    public static async Task<ClusterSample> RunAsync(int silos, ClusterPlan plan, CancellationToken cancellationToken)
    {
        await using PostgresServer server = await PostgresServer.StartAsync();
        if (silos == 0)
        {
            var launch = new SiloLaunch(SiloProgram.Path, [], ["--store", "postgresql", "--connection", server.ConnectionString()], new Dictionary<string, string>());
            await using SiloProcess silo = await SiloProcess.StartAsync(launch);
            return await new ClusterMeasurement([silo], plan).RunAsync(cancellationToken);
        }

        await using ClusterProcesses cluster = await ClusterProcesses.StartAsync(server.ConnectionString(), silos, new Dictionary<string, string>(), []);
        return await new ClusterMeasurement(cluster.Silos, plan).RunAsync(cancellationToken);
    }

    private async Task<ClusterSample> RunAsync(CancellationToken cancellationToken)
    {
        double emptyMegabytes = ResidentMegabytes();
        await LoadAsync(plan.WarmUp.TotalSeconds, cancellationToken);
        double perCustomer = await TrainAsync();
        await LoadAsync(plan.WarmUp.TotalSeconds, cancellationToken);
        var costs = new List<double>();
        var rates = new List<double>();
        var slowest = new List<double>();
        for (int window = 0; window < plan.Windows; window++)
        {
            TimeSpan before = ProcessorTime();
            LoadReport[] reports = await LoadAsync(plan.Window.TotalSeconds, cancellationToken);
            long events = reports.Sum(report => report.Events);
            costs.Add((ProcessorTime() - before).TotalMicroseconds / events);
            rates.Add(events / plan.Window.TotalSeconds);
            slowest.Add(reports.Max(report => report.LatencyMsP99));
            Console.WriteLine($"  {rates[^1]:N0} events/s, {costs[^1]:N1} us each, p99 {slowest[^1]:N1} ms");
        }

        return new ClusterSample(costs, rates, slowest, perCustomer, emptyMegabytes, ResidentMegabytes());
    }

    private double ResidentMegabytes() => silos.Sum(silo => silo.ResidentBytes) / Megabyte;

    private TimeSpan ProcessorTime() => silos.Aggregate(TimeSpan.Zero, (sum, silo) => sum + silo.ProcessorTime);

    private Task<LoadReport[]> LoadAsync(double seconds, CancellationToken cancellationToken) => Task.WhenAll(silos.Select(silo => new LoadRun(new LoadOptions
    {
        Uri = silo.Address,
        WriteKey = SegmentsApi.WriteKey,
        EventsPerSecond = plan.EventsPerSecond / silos.Count,
        Seconds = seconds,
        Customers = plan.Customers,
        BatchSize = plan.BatchEvents,
        Seed = _seed++,
    }).RunAsync(ct: cancellationToken)));

    /// <summary>Trains and rolls out a model; returns the processor time of all silos per customer, in microseconds.</summary>
    private async Task<double> TrainAsync()
    {
        SegmentsApi api = silos[0].Api;
        TimeSpan before = ProcessorTime();
        ApiAnswer answer = await api.TrainAsync(Segments);
        if (answer.Status != 200)
        {
            throw new InvalidOperationException($"The training was answered with {answer}. {silos[0].Describe()}");
        }

        await Condition.HoldsAsync("the roll-out is complete", async () => (bool)(await api.QueryAsync("/v1/model/rollout"))["complete"]!, silos[0].Describe, RolledOutWithin);
        double each = (ProcessorTime() - before).TotalMicroseconds / plan.Customers;
        Console.WriteLine($"  training and roll-out: {each:N0} us a customer");
        return each;
    }
}

/// <param name="EventsPerSecond">Total over all silos.</param>
/// <param name="BatchEvents">Events per request.</param>
/// <param name="WarmUp">Load before the training and again before the windows. Every silo JIT-compiles by itself and gets a share of the
/// events, so three silos need three times as long.</param>
/// <param name="Silos">Numbers of silos to measure, one after another; 0 for a single silo without a cluster.</param>
internal sealed record ClusterPlan(int EventsPerSecond, int BatchEvents, int Customers, TimeSpan WarmUp, TimeSpan Window, int Windows, IReadOnlyList<int> Silos);

/// <summary>Measurements of one deployment; lists have one item per window.</summary>
/// <param name="MicrosecondsPerEvent">Processor time of all silos.</param>
/// <param name="EmptyMegabytes">Resident memory of all silos before the first customer.</param>
/// <param name="ResidentMegabytes">Resident memory of all silos at the end.</param>
/// <param name="MicrosecondsPerCustomerTrained">Processor time of all silos from the training request to the end of the roll-out.</param>
internal sealed record ClusterSample(
    IReadOnlyList<double> MicrosecondsPerEvent,
    IReadOnlyList<double> EventsPerSecond,
    IReadOnlyList<double> MillisecondsP99,
    double MicrosecondsPerCustomerTrained,
    double EmptyMegabytes,
    double ResidentMegabytes)
{
    /// <summary>Memory added by the load per live customer.</summary>
    public double KilobytesPerCustomer(int customers) => (ResidentMegabytes - EmptyMegabytes) * 1_000 / customers;
}
