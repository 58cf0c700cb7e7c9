using System.Threading.Tasks.Sources;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Commits;

/// <summary>
/// Work that waits for a commit, and the promise to its caller in the same object. One object per change and no pool: an allocation of
/// 120 bytes is nothing beside the state, and an object that is never used again cannot complete a stranger.
/// </summary>
internal abstract class PendingWork : IValueTaskSource<CommitOutcome>
{
    // Continuations run elsewhere: the commit thread must not execute grains.
    private ManualResetValueTaskSourceCore<CommitOutcome> _core = new() { RunContinuationsAsynchronously = true };

    public ValueTask<CommitOutcome> Task => new(this, _core.Version);

    public abstract int Changes { get; }

    public abstract int Bytes { get; }

    public void Complete(CommitOutcome outcome) => _core.SetResult(outcome);

    public CommitOutcome GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
