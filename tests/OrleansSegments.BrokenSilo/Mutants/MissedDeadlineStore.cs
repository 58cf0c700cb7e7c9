using OrleansSegments.Storage.Customers;

namespace OrleansSegments.BrokenSilo.Mutants;

/// <summary>Says that nobody is ever due, as a store whose index of deadlines is lost does. Customers who are asked know better.</summary>
internal sealed class MissedDeadlineStore(ICustomerStore store) : PassingStore(store)
{
    public override long? EarliestDeadlineMilliseconds => null;

    public override ValueTask<IReadOnlyList<DueCustomer>> ReadDueAsync(long untilMilliseconds, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<DueCustomer>>([]);
}
