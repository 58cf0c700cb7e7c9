using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Customers;

/// <summary>A store in front of another one: forwards everything, so that whoever stands there overrides only what it changes.</summary>
/// <param name="store">Closed by whoever opened it.</param>
public abstract class PassingStore(ICustomerStore store) : ICustomerStore
{
    /// <summary>The store behind.</summary>
    protected ICustomerStore Inner { get; } = store;

    public virtual SegmentTotals Totals => Inner.Totals;

    public virtual StoreHealth Health => Inner.Health;

    public virtual long? EarliestDeadlineMilliseconds => Inner.EarliestDeadlineMilliseconds;

    public virtual void Commit(CustomerChange change, ICommitListener listener) => Inner.Commit(change, listener);

    public virtual ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken) => Inner.ReadAsync(customerId, cancellationToken);

    public virtual ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken) =>
        Inner.ReadManyAsync(customerIds, cancellationToken);

    public virtual ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken) =>
        Inner.FindMessagesAsync(customerId, keys, nowMinutes, cancellationToken);

    public virtual ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        Inner.ScanAsync(afterId, limit, cancellationToken);

    public virtual ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken) => Inner.ReadCutsAsync(parts, cancellationToken);

    public virtual ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        Inner.ReadMembersAsync(segmentId, afterId, limit, cancellationToken);

    public virtual ValueTask<ICustomerSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken) => Inner.TakeSnapshotAsync(cancellationToken);

    public virtual ValueTask<IReadOnlyList<string>> FindByTraitAsync(string trait, string value, string? afterId, int limit, CancellationToken cancellationToken) =>
        Inner.FindByTraitAsync(trait, value, afterId, limit, cancellationToken);

    public virtual ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken) =>
        Inner.ReadDueAsync(untilMilliseconds, limit, cancellationToken);

    public virtual ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken) =>
        Inner.UpdateDeadlinesAsync(updates, cancellationToken);

    public virtual ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        Inner.ReadTransitionsAsync(afterSequence, limit, cancellationToken);

    public virtual ValueTask<IReadOnlyList<Transition>> ReadTransitionsBackAsync(long beforeSequence, int limit, CancellationToken cancellationToken) =>
        Inner.ReadTransitionsBackAsync(beforeSequence, limit, cancellationToken);

    public virtual ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken) =>
        Inner.ReadHistoryAsync(customerId, limit, cancellationToken);

    public virtual ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken) =>
        Inner.WaitForTransitionsAsync(afterSequence, cancellationToken);

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
