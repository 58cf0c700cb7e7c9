using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>What the runtime knows of customers before they are called. A hint: no answer depends on it.</summary>
public interface INearbyCustomers
{
    /// <summary>Finds the grains that are active in this process; null for the others, or for all where the runtime does not tell.</summary>
    /// <param name="references">At most <see cref="Events.CustomerCalls.TogetherMax"/>.</param>
    void Find(ReadOnlySpan<ICustomerGrain> references, Span<CustomerGrain?> grains);
}
