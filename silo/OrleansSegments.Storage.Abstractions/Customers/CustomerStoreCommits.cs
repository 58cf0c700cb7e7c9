using System.Threading.Tasks.Sources;

namespace OrleansSegments.Storage.Customers;

/// <summary>Commits for callers that can afford a task.</summary>
public static class CustomerStoreCommits
{
    /// <summary>Makes a change durable. Refusals are outcomes, not exceptions. The value may be awaited once.</summary>
    public static ValueTask<CommitOutcome> CommitAsync(this ICustomerStore store, CustomerChange change)
    {
        var promise = new Promise();
        store.Commit(change, promise);
        return promise.Outcome;
    }

    private sealed class Promise : ICommitListener, IValueTaskSource<CommitOutcome>
    {
        // Continuations run elsewhere: the commit thread must not execute the caller's code.
        private ManualResetValueTaskSourceCore<CommitOutcome> _core = new() { RunContinuationsAsynchronously = true };

        public ValueTask<CommitOutcome> Outcome => new(this, _core.Version);

        public void Ended(CommitOutcome outcome) => _core.SetResult(outcome);

        public CommitOutcome GetResult(short token) => _core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }
}
