using System.Threading.Tasks.Sources;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Customers;

/// <summary>
/// The durable truth about customers, one per silo. Changes are committed in groups: a commit holds states, transitions, totals and
/// deadlines in one transaction, is taken as soon as the previous one ends, and completes its callers only after it is durable.
/// Every read sees every completed commit.
/// </summary>
public interface ICustomerStore : IAsyncDisposable
{
    /// <summary>Reads one customer; null if there is none.</summary>
    ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>Reads many customers, in the order of the ids; null for one that does not exist.</summary>
    ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken);

    /// <summary>Which of a customer's messages were marked by a change that is durable and are not forgotten yet.</summary>
    /// <param name="nowMinutes">Unix minutes on the clock by which the marks were made.</param>
    ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken);

    /// <summary>Hands in a change to be made durable; the listener is told what became of it. Refusals are outcomes, not exceptions.</summary>
    /// <exception cref="ArgumentException">The id or the version can never be stored.</exception>
    void Commit(CustomerChange change, ICommitListener listener);

    /// <summary>The totals after the last commit. Never waits and never reads the disk.</summary>
    SegmentTotals Totals { get; }

    /// <summary>Whether the store can write, and if not, why. Never waits.</summary>
    StoreHealth Health { get; }

    /// <summary>The customers with an id greater than <paramref name="afterId"/> in ordinal order of UTF-8 bytes, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Ids that cut the population into <paramref name="parts"/> of about the same size, ascending in the order of <see cref="ScanAsync"/>, each the
    /// last of its part; about, because a sample of the ids serves. Fewer, or none, where there are few customers or one silo has them all.
    /// </summary>
    ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken);

    /// <summary>The members of a segment with an id greater than <paramref name="afterId"/>, in the same order.</summary>
    ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken);

    /// <summary>Customers due at or before the given moment, earliest first, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken);

    /// <summary>The earliest deadline of all, Unix milliseconds; null when nobody is due. May be earlier than the true one, never later.</summary>
    long? EarliestDeadlineMilliseconds { get; }

    /// <summary>Replaces deadlines in bulk, without a new version of the records.</summary>
    ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken);

    /// <summary>Transitions with a sequence greater than <paramref name="afterSequence"/>, oldest first. Sequences never skip a commit that ends later.</summary>
    ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>One customer's transitions, newest first.</summary>
    ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken);

    /// <summary>Completes when a commit with transitions beyond the given sequence has ended.</summary>
    ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken);
}

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

/// <summary>
/// Is told what became of a change. A callback and not a task, because a change is made for every event: a task, its continuation and the hop
/// to a thread that runs it cost more than the commit's share of the event.
/// </summary>
public interface ICommitListener
{
    /// <summary>
    /// Called once for each change, for the changes of one customer in their order. Runs on the store's commit thread, or on the caller's before the
    /// hand-in returns when the change is refused at once. Must neither wait nor throw: every other caller of the commit waits for it.
    /// </summary>
    void Ended(CommitOutcome outcome);
}

/// <summary>What became of a change.</summary>
public enum CommitOutcome
{
    /// <summary>Durable: it survives the end of the process at any later instant.</summary>
    Committed,

    /// <summary>The stored version was not the expected one; nothing was written. The writer's copy is stale and must be read again.</summary>
    Conflict,

    /// <summary>The limit of changes or bytes waiting for commit is reached; nothing was written. Try again later.</summary>
    Overloaded,

    /// <summary>
    /// The store could not write (disk full, server gone); the store's health says why. The change may stand all the same, when only the
    /// word that it is durable was lost: then the writer's next change is a conflict.
    /// </summary>
    Unavailable,
}
