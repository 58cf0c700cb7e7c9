using System.Diagnostics;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Simulator;
using OrleansSegments.Tools.Demo;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Benchmarks.Events;

/// <summary>
/// Durable events per second from the router on, closed loop, with all work per event: reading its JSON, features, segment, next crossing,
/// commit. The simulator runs in the same process and shares the processors. Five windows after a history and a training.
/// </summary>
internal static class EventsBenchmark
{
    private const int Customers = 100_000;
    private const int HistoryDays = 10;
    private const int Windows = 5;

    private static readonly TimeSpan WindowLength = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("segments-events-").FullName;
        try
        {
            var simulation = new Simulation(new SimulationOptions { Customers = Customers, Days = 3_650, SliceLength = TimeSpan.FromHours(6) });
            var settings = new SiloSettings(StoreArguments.InFolder(folder), Urls: null, ReplayFrom: simulation.Options.Start, ScheduledTraining: false, IsQuiet: true);
            await using SiloHost host = await SiloHost.StartAsync(settings, cancellationToken);
            await using var pipeline = new EventPipeline(host.Grains);
            await using var shoppers = new ShopperSource(simulation);
            var stage = new DemoStage(host, pipeline, shoppers);
            while (stage.Clock.GetUtcNow() < simulation.Options.Start.AddDays(HistoryDays) && await stage.PlaySliceAsync(cancellationToken))
            {
            }

            await stage.TrainAsync(cancellationToken);
            return await MeasureAsync(stage, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(DemoStage stage, CancellationToken cancellationToken)
    {
        var rates = new List<double>();
        var processor = new List<double>();
        var median = new List<double>();
        var tail = new List<double>();
        using var process = Process.GetCurrentProcess();
        for (int window = 0; window < Windows; window++)
        {
            stage.Pipeline.ResetLatency();
            process.Refresh();
            TimeSpan processorBefore = process.TotalProcessorTime;
            long eventsBefore = stage.Pipeline.Accepted;
            long startedAt = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(startedAt) < WindowLength && await stage.PlaySliceAsync(cancellationToken))
            {
            }

            await stage.Pipeline.DrainAsync(cancellationToken);
            double seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
            process.Refresh();
            long events = stage.Pipeline.Accepted - eventsBefore;
            rates.Add(events / seconds);
            processor.Add((process.TotalProcessorTime - processorBefore).TotalMicroseconds / events);
            median.Add(stage.Pipeline.LatencyMilliseconds(50));
            tail.Add(stage.Pipeline.LatencyMilliseconds(99));
        }

        return BenchReport.Write(
            "events",
            $"{Customers:N0} simulated customers, {HistoryDays} days of history, trained; {Windows} windows of {WindowLength.TotalSeconds} s, batches of "
            + $"{EventPipeline.BatchEvents}, {EventPipeline.BatchesUnderWayMax} under way, RocksDB synced per commit.",
            [
                new("durable events, router on", "1/s", 50_000, false, rates),
                new("processor time per event, simulator included", "us", null, true, processor),
                new("batch handed in to durable, p50", "ms", null, true, median),
                new("batch handed in to durable, p99", "ms", null, true, tail),
            ]);
    }
}
