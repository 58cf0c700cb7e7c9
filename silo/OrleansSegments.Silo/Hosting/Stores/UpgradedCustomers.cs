using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// The store as the grains see it: every state that is read comes under the catalogue in force, whichever it was written under. All reads
/// of states pass here, so nothing else knows that catalogues change. Costs a comparison of nine bytes per state of the present layout.
/// </summary>
internal sealed class UpgradedCustomers(ICustomerStore store, StateUpgrade states) : ICustomerStore
{
    public SegmentTotals Totals => store.Totals;

    public StoreHealth Health => store.Health;

    public long? EarliestDeadlineMilliseconds => store.EarliestDeadlineMilliseconds;

    public async ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken) =>
        await store.ReadAsync(customerId, cancellationToken) is { } record ? Upgrade(record) : null;

    public async ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken) =>
        [.. (await store.ReadManyAsync(customerIds, cancellationToken)).Select(record => record is null ? null : Upgrade(record))];

    public async ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        [.. (await store.ScanAsync(afterId, limit, cancellationToken)).Select(customer => customer with { Record = Upgrade(customer.Record) })];

    public void Commit(CustomerChange change, ICommitListener listener) => store.Commit(change, listener);

    public ValueTask<IReadOnlyList<ulong>> FindMessagesAsync(string customerId, ulong[] keys, uint nowMinutes, CancellationToken cancellationToken) =>
        store.FindMessagesAsync(customerId, keys, nowMinutes, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadCutsAsync(int parts, CancellationToken cancellationToken) => store.ReadCutsAsync(parts, cancellationToken);

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        store.ReadMembersAsync(segmentId, afterId, limit, cancellationToken);

    public ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken) =>
        store.ReadDueAsync(untilMilliseconds, limit, cancellationToken);

    public ValueTask UpdateDeadlinesAsync(IReadOnlyList<DeadlineUpdate> updates, CancellationToken cancellationToken) =>
        store.UpdateDeadlinesAsync(updates, cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadTransitionsAsync(long afterSequence, int limit, CancellationToken cancellationToken) =>
        store.ReadTransitionsAsync(afterSequence, limit, cancellationToken);

    public ValueTask<IReadOnlyList<Transition>> ReadHistoryAsync(string customerId, int limit, CancellationToken cancellationToken) =>
        store.ReadHistoryAsync(customerId, limit, cancellationToken);

    public ValueTask WaitForTransitionsAsync(long afterSequence, CancellationToken cancellationToken) =>
        store.WaitForTransitionsAsync(afterSequence, cancellationToken);

    /// <summary>Whoever opened the store closes it.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private CustomerRecord Upgrade(CustomerRecord record) =>
        states.Upgrade(record.State) is var state && ReferenceEquals(state, record.State) ? record : record with { State = state };
}
