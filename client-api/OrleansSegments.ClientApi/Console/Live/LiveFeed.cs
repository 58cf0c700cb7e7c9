using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.ClientApi.Clocks;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Console.Live;

/// <summary>
/// Reads the live figures once a second for all open pages of this process together, so that fifty consoles cost the silos what one does. Reads
/// nothing while no page is open.
/// </summary>
internal sealed class LiveFeed(IGrainFactory grains, StoreClock clock, ILogger<LiveFeed> logger) : IDisposable
{
    /// <summary>Transitions shown as a ticker.</summary>
    private const int RecentMax = 25;

    /// <summary>Readings over which a rate is taken: silos tell what they counted about once a second, and a rate of one second would jump.</summary>
    private const int RateReadings = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Queue<(long Timestamp, long Events, long Sequence)> _counts = new();
    private readonly SemaphoreSlim _reading = new(1);
    private Action? _watchers;
    private CancellationTokenSource? _running;
    private long _readAt;

    /// <summary>Raised when <see cref="Problem"/> changes.</summary>
    public event Action? Problems;

    public LiveShop? Current { get; private set; }

    /// <summary>Why figures stand still; null while they are read.</summary>
    public string? Problem { get; private set; }

    /// <summary>The figures, at most an interval old; for the first rendering of a page.</summary>
    public async Task<LiveShop> ReadAsync()
    {
        await _reading.WaitAsync();
        try
        {
            if (Current is null || clock.Real.GetElapsedTime(_readAt) > Interval)
            {
                Current = await TakeAsync(Current);
            }

            return Current;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Calls back after every reading until it is disposed of.</summary>
    public IDisposable Watch(Action changed)
    {
        lock (_lock)
        {
            _watchers += changed;
            if (_running is null)
            {
                _running = new CancellationTokenSource();
                _ = RunAsync(_running.Token);
            }
        }

        return new Watcher(this, changed);
    }

    public void Dispose()
    {
        Stop();
        _reading.Dispose();
    }

    private void Leave(Action changed)
    {
        lock (_lock)
        {
            _watchers -= changed;
            if (_watchers is null)
            {
                Stop();
            }
        }
    }

    private void Stop()
    {
        _running?.Cancel();
        _running?.Dispose();
        _running = null;
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock.Real);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await TellAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The last page was closed.
        }
    }

    private async Task TellAsync()
    {
        string? problem = null;
        try
        {
            await ReadAsync();
        }
        catch (Exception failure) when (failure is not (OutOfMemoryException or ObjectDisposedException))
        {
            problem = Texts.FiguresStandStill;
            logger.LogDebug(failure, "The live figures could not be read; trying again");
        }

        if (problem != Problem)
        {
            Problem = problem;
            Problems?.Invoke();
        }

        if (problem is null)
        {
            _watchers?.Invoke();
        }
    }

    private async Task<LiveShop> TakeAsync(LiveShop? before)
    {
        var census = await grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false);
        var seen = await grains.GetGrain<IEventCatalogueGrain>(0).View();
        var rollout = await grains.GetGrain<IModelGrain>(0).Rollout();
        var training = await grains.GetGrain<ITrainingGrain>(0).Progress();
        var after = Math.Max(before?.Census.Sequence ?? 0, census.Sequence - RecentMax);
        var changes = census.Sequence > after ? await grains.GetGrain<IChangeFeed>(0).Read(after, RecentMax, TimeSpan.Zero) : [];
        var events = seen.Events.Sum(seenEvent => seenEvent.Count) + seen.BeyondNames;
        _readAt = clock.Real.GetTimestamp();
        _counts.Enqueue((_readAt, events, census.Sequence));
        if (_counts.Count > RateReadings)
        {
            _counts.Dequeue();
        }

        var first = _counts.Peek();
        var seconds = clock.Real.GetElapsedTime(first.Timestamp, _readAt).TotalSeconds;
        return new LiveShop(
            census,
            events,
            seconds > 0 ? (events - first.Events) / seconds : 0,
            seconds > 0 ? (census.Sequence - first.Sequence) / seconds : 0,
            [.. changes.Reverse(), .. (before?.Recent ?? []).Take(RecentMax - changes.Length)],
            rollout,
            training);
    }

    private sealed class Watcher(LiveFeed feed, Action changed) : IDisposable
    {
        public void Dispose() => feed.Leave(changed);
    }
}

/// <summary>The live figures of one reading.</summary>
/// <param name="Events">Received since the store was made, repeats included.</param>
/// <param name="Recent">The newest transitions, newest first.</param>
internal sealed record LiveShop(
    SegmentCensus Census, long Events, double EventsPerSecond, double TransitionsPerSecond, IReadOnlyList<TransitionView> Recent, RolloutProgress Rollout, TrainingProgress Training);
