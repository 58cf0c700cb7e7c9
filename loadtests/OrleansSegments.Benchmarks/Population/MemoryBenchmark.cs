using System.Globalization;
using System.Runtime;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Simulator;
using OrleansSegments.Tools.Demo;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Benchmarks.Population;

/// <summary>
/// Process memory per live customer, everything included: runtime, grains, states, store, model, simulator. Simulated shoppers send their
/// first days through the router, a model is trained and rolled out, then the resident set is read five times, each after a full compacting
/// garbage collection.
/// </summary>
internal static class MemoryBenchmark
{
    private const int Customers = 1_000_000;
    private const int Days = 3;
    private const int Readings = 5;

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("segments-memory-").FullName;
        try
        {
            var simulation = new Simulation(new SimulationOptions { Customers = Customers, Days = Days, SliceLength = TimeSpan.FromHours(1) });
            var settings = new SiloSettings(StoreArguments.InFolder(folder), Urls: null, ReplayFrom: simulation.Options.Start, ScheduledTraining: false, IsQuiet: true);
            await using SiloHost host = await SiloHost.StartAsync(settings, cancellationToken);
            long events = await PlayAsync(host, simulation, cancellationToken);
            TrainingReport report = await host.Grains.GetGrain<ITrainingGrain>(0).Train(new TrainingRequest(Force: true));
            await host.WaitForRolloutAsync(report.Summary!.Version, cancellationToken);
            return Report(host, events);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<long> PlayAsync(SiloHost host, Simulation simulation, CancellationToken cancellationToken)
    {
        await using var pipeline = new EventPipeline(host.Grains);
        await using var shoppers = new ShopperSource(simulation);
        var stage = new DemoStage(host, pipeline, shoppers);
        while (await stage.PlaySliceAsync(cancellationToken))
        {
            Console.Error.WriteLine($"{stage.Clock.GetUtcNow():yyyy-MM-dd HH:mm}  {pipeline.Accepted:N0} events, {host.Population:N0} customers");
        }

        await pipeline.DrainAsync(cancellationToken);
        return pipeline.Accepted;
    }

    private static int Report(SiloHost host, long events)
    {
        int live = host.Service<DirectDoor>().Count;
        var resident = new List<double>();
        var managed = new List<double>();
        var committed = new List<double>();
        for (int reading = 0; reading < Readings; reading++)
        {
            GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            resident.Add(ResidentBytes() / (double)live);
            committed.Add(GC.GetGCMemoryInfo().TotalCommittedBytes / (double)live);
            managed.Add(GC.GetTotalMemory(forceFullCollection: false) / (double)live);
        }

        return BenchReport.Write(
            "memory",
            $"{live:N0} live customers after {events:N0} events of {Days} simulated days, trained and rolled out; resident set (VmRSS) of the whole "
            + "process after a full compacting collection, divided by live customers.",
            [
                new("live customers", "customers", Customers, false, [live]),
                new("process memory per live customer", "B", 1_200, true, resident),
                new("committed managed heap per live customer", "B", null, true, committed),
                new("managed objects per live customer", "B", null, true, managed),
            ]);
    }

    private static long ResidentBytes()
    {
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
