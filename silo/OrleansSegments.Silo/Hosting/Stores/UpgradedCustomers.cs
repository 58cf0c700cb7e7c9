using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// The store as the grains see it: every state that is read comes under the catalogue in force, whichever it was written under. All reads
/// of states pass here, so nothing else knows that catalogues change. Costs a comparison of nine bytes per state of the present layout.
/// </summary>
internal sealed class UpgradedCustomers(ICustomerStore store, StateUpgrade states) : PassingStore(store)
{
    public override async ValueTask<CustomerRecord?> ReadAsync(string customerId, CancellationToken cancellationToken) =>
        await Inner.ReadAsync(customerId, cancellationToken) is { } record ? Upgrade(record) : null;

    public override async ValueTask<IReadOnlyList<CustomerRecord?>> ReadManyAsync(IReadOnlyList<string> customerIds, CancellationToken cancellationToken) =>
        [.. (await Inner.ReadManyAsync(customerIds, cancellationToken)).Select(record => record is null ? null : Upgrade(record))];

    public override async ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        Upgrade(await Inner.ScanAsync(afterId, limit, cancellationToken));

    public override async ValueTask<ICustomerSnapshot> TakeSnapshotAsync(CancellationToken cancellationToken) =>
        new UpgradedSnapshot(await Inner.TakeSnapshotAsync(cancellationToken), this);

    private StoredCustomer[] Upgrade(IReadOnlyList<StoredCustomer> page) => [.. page.Select(customer => customer with { Record = Upgrade(customer.Record) })];

    private CustomerRecord Upgrade(CustomerRecord record) =>
        states.Upgrade(record.State) is var state && ReferenceEquals(state, record.State) ? record : record with { State = state };

    private sealed class UpgradedSnapshot(ICustomerSnapshot snapshot, UpgradedCustomers customers) : ICustomerSnapshot
    {
        public SegmentTotals Totals => snapshot.Totals;

        public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
            snapshot.ReadMembersAsync(segmentId, afterId, limit, cancellationToken);

        public async ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
            customers.Upgrade(await snapshot.ScanAsync(afterId, limit, cancellationToken));

        public ValueTask DisposeAsync() => snapshot.DisposeAsync();
    }
}
