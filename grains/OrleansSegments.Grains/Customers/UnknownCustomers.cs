using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>For a runtime that does not tell who is active.</summary>
public sealed class UnknownCustomers : INearbyCustomers
{
    public void Find(ReadOnlySpan<ICustomerGrain> references, Span<CustomerGrain?> grains) => grains.Clear();
}
