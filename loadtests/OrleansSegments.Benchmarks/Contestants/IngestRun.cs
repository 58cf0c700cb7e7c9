using System.Diagnostics;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>Feeds a silo's router and counts durable events.</summary>
internal sealed class IngestRun(SiloHost host, IngestEvents events, int batchEvents, int batchesUnderWay)
{
    private const int SegmentCount = 8;

    /// <summary>How often a long measurement at a rate says how it goes.</summary>
    private static readonly TimeSpan ShownEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(20);

    private readonly IEventRouter _router = host.Grains.GetGrain<IEventRouter>(0);

    private long NowMilliseconds => host.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Sends one event of every customer per simulated day for some days, then trains a model, so that each customer has a state, a segment
    /// and a deadline.
    /// </summary>
    public async Task PrepareAsync(int rounds, CancellationToken cancellationToken)
    {
        var clock = (ReplayClock)host.Clock;
        for (int round = 0; round < rounds; round++)
        {
            long at = NowMilliseconds;
            await ForEachBatchAsync(EveryCustomer(at), static (_, _) => { }, cancellationToken);
            clock.AdvanceTo(clock.GetUtcNow().AddDays(1));
        }

        TrainingReport report = await host.Grains.GetGrain<ITrainingGrain>(0).Train(new TrainingRequest(SegmentCount, Force: true));
        await host.WaitForRolloutAsync(report.Summary!.Version, cancellationToken);
        clock.Run();
    }

    /// <summary>Sends one event of every customer now, so that all are in memory.</summary>
    public Task TouchAsync(CancellationToken cancellationToken) =>
        ForEachBatchAsync(EveryCustomer(NowMilliseconds), static (_, _) => { }, cancellationToken);

    /// <summary>Runs at full speed for a time, closed loop.</summary>
    public async Task<IngestResult> MeasureAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var latency = new LatencyHistogram();
        using var process = Process.GetCurrentProcess();
        TimeSpan processorBefore = process.TotalProcessorTime;
        Collections collectionsBefore = Collections.Now();
        long writtenBefore = FileWrites.BytesSoFar();
        long startedAt = Stopwatch.GetTimestamp();
        long durable = 0;
        await ForEachBatchAsync(
            Draw(() => Stopwatch.GetElapsedTime(startedAt) < duration),
            (batch, elapsed) =>
            {
                latency.Record(elapsed);
                Interlocked.Add(ref durable, batch.Events.Length);
            },
            cancellationToken);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        process.Refresh();
        return new IngestResult(durable, elapsed, process.TotalProcessorTime - processorBefore, latency, Collections.Now().Since(collectionsBefore))
        {
            FileBytesWritten = FileWrites.BytesSoFar() - writtenBefore,
        };
    }

    /// <summary>
    /// Sends a batch whenever one is due, open loop; latency counts from the due time, so waiting behind a slow batch counts as latency.
    /// </summary>
    public async Task<IngestResult> MeasureAtRateAsync(int eventsPerSecond, TimeSpan duration, CancellationToken cancellationToken)
    {
        var latency = new LatencyHistogram();
        var slowest = new SlowestBatches(ShownEvery);
        using var process = Process.GetCurrentProcess();
        TimeSpan processorBefore = process.TotalProcessorTime;
        Collections collectionsBefore = Collections.Now();
        long writtenBefore = FileWrites.BytesSoFar();
        TimeSpan interval = TimeSpan.FromSeconds((double)batchEvents / eventsPerSecond);
        var sent = new List<Task>();
        long startedAt = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (int next = 0; next * interval < duration; next++)
        {
            TimeSpan due = next * interval;
            while (Stopwatch.GetElapsedTime(startedAt) < due)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }

            EventBatch batch = events.Draw(batchEvents, NowMilliseconds);
            // Started in order of their due times; the thread pool's local queues would start the latest first.
            sent.Add(Task.Factory.StartNew(
                async () =>
                {
                    await DeliverAsync(batch, cancellationToken);
                    TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt) - due;
                    latency.Record(elapsed);
                    slowest.Record(due, elapsed);
                },
                cancellationToken,
                TaskCreationOptions.PreferFairness,
                TaskScheduler.Default).Unwrap());
        }

        await Task.WhenAll(sent);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        process.Refresh();
        return new IngestResult(
            (long)sent.Count * batchEvents, elapsed, process.TotalProcessorTime - processorBefore, latency, Collections.Now().Since(collectionsBefore))
        {
            FileBytesWritten = FileWrites.BytesSoFar() - writtenBefore,
        };
    }

    private IEnumerable<EventBatch> EveryCustomer(long at)
    {
        for (int first = 0; first < events.Customers; first += batchEvents)
        {
            yield return new EventBatch(
                [.. Enumerable.Range(first, Math.Min(batchEvents, events.Customers - first)).Select(customer => events.Of(customer, at))]);
        }
    }

    private IEnumerable<EventBatch> Draw(Func<bool> goesOn)
    {
        while (goesOn())
        {
            yield return events.Draw(batchEvents, NowMilliseconds);
        }
    }

    private async Task ForEachBatchAsync(IEnumerable<EventBatch> batches, Action<EventBatch, TimeSpan> ended, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(batchesUnderWay);
        var failures = new List<Exception>();
        foreach (EventBatch batch in batches)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            await slots.WaitAsync(CancellationToken.None);
            _ = Task.Run(async () =>
            {
                try
                {
                    long startedAt = Stopwatch.GetTimestamp();
                    await DeliverAsync(batch, cancellationToken);
                    ended(batch, Stopwatch.GetElapsedTime(startedAt));
                }
                catch (Exception failure)
                {
                    lock (failures)
                    {
                        failures.Add(failure);
                    }
                }
                finally
                {
                    slots.Release();
                }
            }, CancellationToken.None);
        }

        for (int slot = 0; slot < batchesUnderWay; slot++)
        {
            await slots.WaitAsync(CancellationToken.None);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private async Task DeliverAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            RouteReceipt receipt;
            try
            {
                receipt = await _router.Route(batch);
            }
            catch (Orleans.Runtime.LimitExceededException)
            {
                // More batches are waiting than the router's mailbox allows: the rate is not kept, which shows in the latency.
                await Task.Delay(RetryWait, cancellationToken);
                continue;
            }

            if (receipt.Rejected.Length > 0)
            {
                throw new InvalidOperationException($"An event was rejected: {receipt.Rejected[0].Message}");
            }

            if (receipt.Status == RouteStatus.Durable)
            {
                return;
            }

            await Task.Delay(RetryWait, cancellationToken);
        }
    }
}

/// <summary>Prints the slowest batch of each interval of a long measurement: where a stall was. Thread-safe.</summary>
internal sealed class SlowestBatches(TimeSpan interval)
{
    private readonly Lock _lock = new();
    private int _shown;
    private TimeSpan _slowest;
    private TimeSpan _slowestDue;

    /// <param name="due">When the batch was due, from the start.</param>
    public void Record(TimeSpan due, TimeSpan elapsed)
    {
        lock (_lock)
        {
            (_slowest, _slowestDue) = elapsed > _slowest ? (elapsed, due) : (_slowest, _slowestDue);
            if ((int)(due / interval) > _shown)
            {
                _shown = (int)(due / interval);
                Console.WriteLine($"    {due.TotalSeconds:N0} s: the slowest batch took {_slowest.TotalMilliseconds:N0} ms and was due at {_slowestDue.TotalSeconds:N1} s");
                _slowest = TimeSpan.Zero;
            }
        }
    }
}
