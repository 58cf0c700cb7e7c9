using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;
using OrleansSegments.LocalRuntime.Calls;

namespace OrleansSegments.Silo.Hosting;

/// <summary>The local runtime has everybody in this process and says who.</summary>
internal sealed class LocalCustomers : INearbyCustomers
{
    public void Find(ReadOnlySpan<ICustomerGrain> references, Span<CustomerGrain?> grains)
    {
        var found = new IGrainBase?[references.Length];
        GrainLookup.Find(references, found);
        for (int i = 0; i < found.Length; i++)
        {
            grains[i] = found[i] as CustomerGrain;
        }
    }
}
