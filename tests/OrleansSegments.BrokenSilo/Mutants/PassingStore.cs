using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.BrokenSilo.Mutants;

/// <summary>Forwards everything to the correct store; a mutant overrides what it breaks.</summary>
internal abstract class PassingStore(ICustomerStore store) : ICustomerStore
{
    protected ICustomerStore Right { get; } = store;

    public virtual SegmentTotals Totals => Right.Totals;

    public StoreHealth Health => Right.Health;

    public virtual long? EarliestDeadlineMilliseconds => Right.EarliestDeadlineMilliseconds;

    public virtual void Commit(CustomerChange change, ICommitListener listener) => Right.Commit(change, listener);

    public ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken) => Right.ReadAsync(customerId, cancellationToken);

    public ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken) =>
        Right.ReadManyAsync(customerIds, cancellationToken);

    public virtual ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken) =>
        Right.FindMessagesAsync(customerId, keys, nowMinutes, cancellationToken);

    public ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        Right.ScanAsync(afterId, limit, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken) => Right.ReadCutsAsync(parts, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        Right.ReadMembersAsync(segmentId, afterId, limit, cancellationToken);

    public virtual ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken) =>
        Right.ReadDueAsync(untilMilliseconds, limit, cancellationToken);

    public ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken) =>
        Right.UpdateDeadlinesAsync(updates, cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        Right.ReadTransitionsAsync(afterSequence, limit, cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken) =>
        Right.ReadHistoryAsync(customerId, limit, cancellationToken);

    public ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken) =>
        Right.WaitForTransitionsAsync(afterSequence, cancellationToken);

    /// <summary>The opener of the correct store closes it.</summary>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
