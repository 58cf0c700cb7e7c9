using System.Diagnostics;
using OrleansSegments.Contracts.Events;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Silo;

namespace OrleansSegments.Tools.Replay;

/// <summary>
/// Hands events to the router in batches, several under way, and measures from handing in to durable effect. A batch that is sent back is
/// sent again whole: the router's promise makes that harmless. One caller at a time.
/// </summary>
internal sealed class EventPipeline(IGrainFactory grains) : IAsyncDisposable
{
    public const int BatchEvents = 512;

    /// <summary>Batches under way: enough to fill the commits of two cores, few enough that a batch waits for milliseconds.</summary>
    public const int BatchesUnderWayMax = 24;

    private const int AttemptsMax = 200;

    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(50);

    private readonly IEventRouter _router = grains.GetGrain<IEventRouter>(0);
    private readonly SemaphoreSlim _slots = new(BatchesUnderWayMax);
    private volatile LatencyHistogram _latency = new();
    private readonly List<CustomerEvent> _next = new(BatchEvents);
    private long _accepted;
    private long _duplicates;
    private long _rejected;
    private string? _firstRejection;
    private Exception? _failure;
    private volatile bool _isEnding;

    public long Accepted => Volatile.Read(ref _accepted);

    public long Duplicates => Volatile.Read(ref _duplicates);

    public long Rejected => Volatile.Read(ref _rejected);

    /// <summary>Why the first event was rejected that was; null if none was.</summary>
    public string? FirstRejection => Volatile.Read(ref _firstRejection);

    /// <summary>Latency at a percentile, in milliseconds, since the start or the last <see cref="ResetLatency"/>; 0 when nothing was measured.</summary>
    public double LatencyMilliseconds(double percent) => _latency is { Count: > 0 } latency ? latency.Percentile(percent).TotalMilliseconds : 0;

    public void ResetLatency() => _latency = new LatencyHistogram();

    /// <summary>Takes an event; waits when too much is under way.</summary>
    public ValueTask SendAsync(CustomerEvent customerEvent, CancellationToken cancellationToken)
    {
        _next.Add(customerEvent);
        return _next.Count < BatchEvents ? ValueTask.CompletedTask : new ValueTask(FlushAsync(cancellationToken));
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

        CustomerEvent[] events = [.. _next];
        _next.Clear();
        await _slots.WaitAsync(cancellationToken);
        _ = RouteAsync(new EventBatch(events));
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
        _isEnding = true;
        await EndAsync(CancellationToken.None);
        _slots.Dispose();
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

    private async Task RouteAsync(EventBatch batch)
    {
        try
        {
            long startedAt = Stopwatch.GetTimestamp();
            RouteReceipt receipt = await DeliverAsync(batch);
            _latency.Record(Stopwatch.GetElapsedTime(startedAt));
            Interlocked.Add(ref _accepted, receipt.Accepted);
            Interlocked.Add(ref _duplicates, receipt.Duplicates);
            Interlocked.Add(ref _rejected, receipt.Rejected.Length);
            if (receipt.Rejected is [var rejection, ..])
            {
                Interlocked.CompareExchange(ref _firstRejection, rejection.Message, null);
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

    private async Task<RouteReceipt> DeliverAsync(EventBatch batch)
    {
        for (int attempt = 1; ; attempt++)
        {
            RouteReceipt receipt = await _router.Route(batch);
            if (receipt.Status == RouteStatus.Durable)
            {
                return receipt;
            }

            if (attempt == AttemptsMax || _isEnding)
            {
                throw new IOException($"a batch was sent back {attempt} times, the last time as {receipt.Status}. Look at the log for what the store says.");
            }

            await Task.Delay(RetryWait);
        }
    }
}
