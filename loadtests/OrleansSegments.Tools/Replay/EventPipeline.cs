using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansSegments.Contracts.Events;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo;

namespace OrleansSegments.Tools.Replay;

/// <summary>
/// Delivers events in batches, several under way, and measures from handing in to durable effect. One caller at a time.
/// </summary>
internal sealed class EventPipeline(IEventDestination destination) : IAsyncDisposable
{
    public const int BatchEvents = 512;

    /// <summary>Half of what the HTTP API takes in one request by default. A larger event goes alone.</summary>
    private const int BatchBytesMax = 256_000;

    /// <summary>Batches under way: enough to fill the commits of two cores, few enough that a batch waits for milliseconds.</summary>
    public const int BatchesUnderWayMax = 24;

    private readonly ConcurrentDictionary<string, RejectionCount> _rejections = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _slots = new(BatchesUnderWayMax);
    private volatile LatencyHistogram _latency = new();
    private readonly List<ReplayEvent> _next = new(BatchEvents);
    private int _nextBytes;
    private long _accepted;
    private long _duplicates;
    private long _rejected;
    private Exception? _failure;

    public EventPipeline(IGrainFactory grains)
        : this(new RouterDestination(grains))
    {
    }

    public long Accepted => Volatile.Read(ref _accepted);

    public long Duplicates => Volatile.Read(ref _duplicates);

    public long Rejected => Volatile.Read(ref _rejected);

    /// <summary>What was rejected, by the code of the rejection.</summary>
    public IReadOnlyDictionary<string, RejectionCount> Rejections => _rejections;

    /// <summary>Latency at a percentile, in milliseconds, since the start or the last <see cref="ResetLatency"/>; 0 when nothing was measured.</summary>
    public double LatencyMilliseconds(double percent) => _latency is { Count: > 0 } latency ? latency.Percentile(percent).TotalMilliseconds : 0;

    public void ResetLatency() => _latency = new LatencyHistogram();

    /// <summary>Takes an event; waits when too much is under way.</summary>
    public ValueTask SendAsync(CustomerEvent customerEvent, CancellationToken cancellationToken) =>
        SendAsync(new ReplayEvent(customerEvent, Line: 0), cancellationToken);

    /// <summary>Takes an event; waits when too much is under way.</summary>
    public ValueTask SendAsync(in ReplayEvent replayed, CancellationToken cancellationToken)
    {
        bool isFull = _next.Count == BatchEvents || _nextBytes + replayed.Json.Length > BatchBytesMax;
        Task flush = isFull ? FlushAsync(cancellationToken) : Task.CompletedTask;
        _next.Add(replayed);
        _nextBytes += replayed.Json.Length;
        return new ValueTask(flush);
    }

    /// <summary>Sends what was taken so far.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_failure is { } failure)
        {
            throw new CommandException($"The events could not be stored: {failure.Message}");
        }

        if (_next.Count == 0)
        {
            return;
        }

        ReplayEvent[] events = [.. _next];
        _next.Clear();
        _nextBytes = 0;
        await _slots.WaitAsync(cancellationToken);
        _ = RouteAsync(events);
    }

    /// <summary>Sends the rest and waits until everything is durable.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        await EndAsync(cancellationToken);
        if (_failure is { } failure)
        {
            throw new CommandException($"The events could not be stored: {failure.Message}");
        }
    }

    /// <summary>
    /// Waits for what is under way, without sending anything again: a silo that stops with batches in it tells of each of their events that it could not be
    /// handed on.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await EndAsync(CancellationToken.None);
        _slots.Dispose();
        _ending.Dispose();
    }

    /// <summary>Waits until nothing is under way.</summary>
    private async Task EndAsync(CancellationToken cancellationToken)
    {
        int taken = 0;
        try
        {
            for (; taken < BatchesUnderWayMax; taken++)
            {
                await _slots.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            if (taken > 0)
            {
                _slots.Release(taken);
            }
        }
    }

    private async Task RouteAsync(ReplayEvent[] batch)
    {
        try
        {
            long startedAt = Stopwatch.GetTimestamp();
            RouteReceipt receipt = await destination.DeliverAsync(batch, _ending.Token);
            _latency.Record(Stopwatch.GetElapsedTime(startedAt));
            Interlocked.Add(ref _accepted, receipt.Accepted);
            Interlocked.Add(ref _duplicates, receipt.Duplicates);
            Interlocked.Add(ref _rejected, receipt.Rejected.Length);
            foreach (EventRejection rejection in receipt.Rejected)
            {
                long line = batch[rejection.Index].Line;
                _rejections.AddOrUpdate(
                    rejection.Code, _ => new RejectionCount(1, line, rejection.Message), (_, known) => known with { Events = known.Events + 1 });
            }
        }
        catch (Exception problem)
        {
            // The caller learns of it with the next event or at the drain; this task has nobody waiting for it.
            _failure = problem;
        }
        finally
        {
            _slots.Release();
        }
    }
}

/// <summary>Events that were rejected with one code.</summary>
/// <param name="Line">Where in the file one of them begins.</param>
/// <param name="Message">What the server said of it.</param>
internal sealed record RejectionCount(long Events, long Line, string Message);
