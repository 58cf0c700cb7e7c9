using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;

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
        [.. (await Inner.ScanAsync(afterId, limit, cancellationToken)).Select(customer => customer with { Record = Upgrade(customer.Record) })];

    private CustomerRecord Upgrade(CustomerRecord record) =>
        states.Upgrade(record.State) is var state && ReferenceEquals(state, record.State) ? record : record with { State = state };
}
