using OrleansSegments.CrashTests.Http;

namespace OrleansSegments.CrashTests.Checks;

/// <summary>
/// Follows the change feed by its cursor through kills and restarts, as a consumer that must miss nothing. What it has read must equal the
/// later log, transition by transition.
/// </summary>
internal sealed class ChangeFollower : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly SegmentsApi _api;
    private readonly Action<string> _noteFault;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Change> _read = [];
    private readonly Task _following;

    /// <param name="noteFault">Called with anything that a reader must never see.</param>
    public ChangeFollower(SegmentsApi api, Action<string> noteFault)
    {
        _api = api;
        _noteFault = noteFault;
        _following = FollowAsync();
    }

    /// <summary>The transitions read so far.</summary>
    public Change[] Read()
    {
        lock (_read)
        {
            return [.. _read];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        long after = 0;
        while (!_stop.IsCancellationRequested)
        {
            if (await TryReadAsync(after) is { Count: > 0 } page)
            {
                after = page[^1].Sequence;
                lock (_read)
                {
                    _read.AddRange(page);
                }
            }
            else
            {
                await timer.WaitForNextTickAsync(_stop.Token).AsTask().ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task<IReadOnlyList<Change>?> TryReadAsync(long after)
    {
        try
        {
            return await _api.TryReadChangesAsync(after);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or OperationCanceledException)
        {
            // The request was interrupted by a kill; the cursor has not moved, so nothing is missed.
            return null;
        }
        catch (InvalidOperationException problem)
        {
            _noteFault(problem.Message);
            return null;
        }
    }
}
