using System.Threading.Tasks.Sources;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Customers;

/// <summary>
/// The durable store of customers; one instance per silo. Group commit: a commit writes states, transitions, totals, deadlines and the
/// index of traits in one transaction, starts as soon as the previous one ends, and completes its callers only when it is durable. Every read sees every completed
/// commit.
/// </summary>
public interface ICustomerStore : IAsyncDisposable
{
    /// <summary>Reads one customer; null when it does not exist.</summary>
    ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>Reads many customers, in the order of the ids; null for those that do not exist.</summary>
    ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken);

    /// <summary>Returns which of a customer's message keys were marked by a durable change and have not expired.</summary>
    /// <param name="nowMinutes">Unix minutes on the clock that the marks were made with.</param>
    ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken);

    /// <summary>Queues a change for the next commit; the listener is told the outcome. Refusals are outcomes, not exceptions.</summary>
    /// <exception cref="ArgumentException">Thrown when the id or the version can never be stored.</exception>
    void Commit(CustomerChange change, ICommitListener listener);

    /// <summary>The totals after the last commit. Never waits and never reads from disk.</summary>
    SegmentTotals Totals { get; }

    /// <summary>Health of the store, with the reason when it cannot write. Never waits.</summary>
    StoreHealth Health { get; }

    /// <summary>The customers with an id greater than <paramref name="afterId"/> in ordinal order of UTF-8 bytes, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Ids that split the population into <paramref name="parts"/> of about equal size, ascending in the order of <see cref="ScanAsync"/>;
    /// each is the last id of its part. The sizes are approximate because ids are sampled. Returns fewer ids, or none, when there are few
    /// customers.
    /// </summary>
    ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken);

    /// <summary>The members of a segment with an id greater than <paramref name="afterId"/>, in the same order.</summary>
    ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken);

    /// <summary>Opens everybody as of the last commit, to be read consistently. The caller disposes of it soon.</summary>
    ValueTask<ICustomerSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken);

    /// <summary>The customers with an entry in the index of traits and an id greater than <paramref name="afterId"/>, in the same order.</summary>
    ValueTask<IReadOnlyList<string>> FindByTraitAsync(string trait, string value, string? afterId, int limit, CancellationToken cancellationToken);

    /// <summary>Customers due at or before the given moment, earliest first, at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The earliest of all deadlines, Unix milliseconds; null when there is none. May be earlier than the true one, never later.
    /// </summary>
    long? EarliestDeadlineMilliseconds { get; }

    /// <summary>Replaces deadlines in bulk, without new versions of the records.</summary>
    ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken);

    /// <summary>
    /// Transitions with a sequence greater than <paramref name="afterSequence"/>, oldest first. A reader that follows the sequences never
    /// misses a commit that ends later.
    /// </summary>
    ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>Transitions with a sequence less than <paramref name="beforeSequence"/>, newest first; only those that readers from the oldest on see too.</summary>
    ValueTask<IReadOnlyList<Transition>> ReadTransitionsBackAsync(long beforeSequence, int limit, CancellationToken cancellationToken);

    /// <summary>One customer's transitions, newest first.</summary>
    ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken);

    /// <summary>Completes when a commit with transitions beyond the given sequence has ended.</summary>
    ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken);
}

/// <summary>Awaitable commits, for callers that can afford a task.</summary>
public static class CustomerStoreCommits
{
    /// <summary>Makes a change durable. Refusals are outcomes, not exceptions. The result may be awaited only once.</summary>
    public static ValueTask<CommitOutcome> CommitAsync(this ICustomerStore store, CustomerChange change)
    {
        var promise = new Promise();
        store.Commit(change, promise);
        return promise.Outcome;
    }

    private sealed class Promise : ICommitListener, IValueTaskSource<CommitOutcome>
    {
        // Run continuations on other threads, not on the commit thread.
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
/// Receives the outcome of a change. A callback instead of a task, because a change is made for every event: a task, its continuation and
/// the switch to another thread cost more than the event's share of the commit.
/// </summary>
public interface ICommitListener
{
    /// <summary>
    /// Called once for each change, in order for the changes of one customer. Runs on the store's commit thread, or on the caller's thread
    /// before <see cref="ICustomerStore.Commit"/> returns when the change is refused immediately. Must neither wait nor throw: all other
    /// callers of the commit wait for it.
    /// </summary>
    void Ended(CommitOutcome outcome);
}

/// <summary>The outcome of a change.</summary>
public enum CommitOutcome
{
    /// <summary>Durable: it survives a crash of the process at any later time.</summary>
    Committed,

    /// <summary>
    /// The stored version was not the expected one; nothing was written. The writer's copy is stale and must be read again.
    /// </summary>
    Conflict,

    /// <summary>The limit of queued changes or bytes is reached; nothing was written. Try again later.</summary>
    Overloaded,

    /// <summary>
    /// The store could not write (disk full, server gone); its health says why. The change may have become durable after all, when only the
    /// confirmation was lost; the writer's next change is then a conflict.
    /// </summary>
    Unavailable,
}
