using System.Diagnostics;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>
/// A whole silo on one of its stores, fed at its router: features, segments, deadlines, transitions, exact totals, de-duplication.
/// </summary>
internal sealed class SiloContestant(string name, StoreArguments store, int batchEvents) : IContestant
{
    private const int BatchesUnderWay = 16;

    /// <summary>Batch size for latency measurements: small enough that the batch itself does not dominate the latency.</summary>
    private const int PacedBatchEvents = 250;

    private const int Rounds = 3;

    private static readonly DateTimeOffset Beginning = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    private SiloHost? _host;

    public string Name => name;

    private SiloHost Host => _host ?? throw new InvalidOperationException("The silo was not prepared.");

    public async Task PrepareAsync(IngestEvents events, CancellationToken cancellationToken)
    {
        _host = await StartAsync(Beginning);
        await Feed(events, batchEvents).PrepareAsync(Rounds, cancellationToken);
    }

    public Task<IngestResult> MeasureAsync(IngestEvents events, TimeSpan duration, CancellationToken cancellationToken) =>
        Feed(events, batchEvents).MeasureAsync(duration, cancellationToken);

    /// <summary>Sends at a fixed rate, regardless of the silo's answers; latency counts from the moment a batch was due.</summary>
    public Task<IngestResult> MeasureAtRateAsync(IngestEvents events, int eventsPerSecond, TimeSpan duration, CancellationToken cancellationToken) =>
        Feed(events, PacedBatchEvents).MeasureAtRateAsync(eventsPerSecond, duration, cancellationToken);

    /// <summary>The same with the batch size of the throughput measurement, for a rate sustained over a long time.</summary>
    public Task<IngestResult> SustainAsync(IngestEvents events, int eventsPerSecond, TimeSpan duration, CancellationToken cancellationToken) =>
        Feed(events, batchEvents).MeasureAtRateAsync(eventsPerSecond, duration, cancellationToken);

    /// <summary>Stops and restarts the silo, then queries random customers one after another, each for the first time.</summary>
    public async Task<RestartResult> RestartAsync(IngestEvents events, int questions, int seed)
    {
        await SiloEnd.StopAsync(Host);
        long startedAt = Stopwatch.GetTimestamp();
        _host = await StartAsync(null);
        TimeSpan ready = Stopwatch.GetElapsedTime(startedAt);
        var random = new Random(seed);
        var answers = new List<TimeSpan>(questions);
        for (int question = 0; question < questions; question++)
        {
            string id = events.IdOf(random.Next(events.Customers));
            long askedAt = Stopwatch.GetTimestamp();
            CustomerView? view = await Host.Grains.GetGrain<ICustomerGrain>(CustomerKey.Of(id)).View();
            answers.Add(Stopwatch.GetElapsedTime(askedAt));
            _ = view ?? throw new InvalidOperationException($"{id} is gone after the restart.");
        }

        return new RestartResult(ready, answers);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    private IngestRun Feed(IngestEvents events, int perBatch) => new(Host, events, perBatch, BatchesUnderWay);

    private Task<SiloHost> StartAsync(DateTimeOffset? replayFrom) => SiloHost.StartAsync(
        new SiloSettings(store, Urls: null, ReplayFrom: replayFrom, ScheduledTraining: false, IsQuiet: true), CancellationToken.None);
}

/// <summary>
/// Stops a silo and waits until the grains that a stop abandons are gone: their deactivations would take processor time from the next
/// measurement.
/// </summary>
internal static class SiloEnd
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    public static async Task StopAsync(SiloHost host)
    {
        DirectDoor door = host.Service<DirectDoor>();
        await host.DisposeAsync();
        using var timer = new PeriodicTimer(Look);
        int before;
        do
        {
            before = door.Count;
            await timer.WaitForNextTickAsync();
        }
        while (door.Count < before);

        GC.Collect();
    }
}
