using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>
/// A log that grows when the test appends. A reader that finds nothing waits for the next one; its heartbeat comes when the test says
/// that the wait has passed.
/// </summary>
internal sealed class FakeChangeFeed : IChangeFeed
{
    private readonly Lock _lock = new();
    private readonly List<TransitionView> _log = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Append(int count)
    {
        lock (_lock)
        {
            for (var i = 0; i < count; i++)
            {
                _log.Add(new TransitionView(_log.Count + 1, $"customer {_log.Count + 1}", "s1", "s2", "time", 4, TestTime.Noon));
            }
        }

        Wake();
    }

    /// <summary>Ends the wait of everybody who waits, changed or not.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async Task<TransitionView[]> Read(long afterSequence, int limit, TimeSpan wait)
    {
        Task changed;
        lock (_lock)
        {
            var page = Page(afterSequence, limit);
            if (page.Length > 0 || wait == TimeSpan.Zero)
            {
                return page;
            }

            changed = _changed.Task;
        }

        await changed;
        lock (_lock)
        {
            return Page(afterSequence, limit);
        }
    }

    private TransitionView[] Page(long afterSequence, int limit) =>
        [.. _log.Where(transition => transition.Sequence > afterSequence).Take(limit)];
}
