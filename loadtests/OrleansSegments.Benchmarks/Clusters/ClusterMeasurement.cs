using OrleansSegments.CrashTests.Clusters;
using OrleansSegments.CrashTests.Http;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.LoadGenerator;
using OrleansSegments.TestKit.Postgres;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.Benchmarks.Clusters;

/// <summary>Starts a deployment as processes, loads it, trains it, and counts what its silos took of the processors.</summary>
internal sealed class ClusterMeasurement(IReadOnlyList<SiloProcess> silos, ClusterPlan plan)
{
    private const int Segments = 5;
    private const double Megabyte = 1_000_000;

    private static readonly TimeSpan RolledOutWithin = TimeSpan.FromMinutes(5);

    private ulong _seed = 1;

    /// <param name="silos">Silos of the cluster; none for a silo that is no cluster.</param>
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

    /// <summary>Returns microseconds of processor time of all silos per customer.</summary>
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
