using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.ObjectPool;
using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// Makes the calls of a batch, one for each customer. Where the customers are in this process, the memory of a few dozen is asked for
/// together before they are called: one after the other, each call would wait for it half a dozen times, a tenth of all an event costs.
/// </summary>
public sealed class CustomerCalls(INearbyCustomers nearby)
{
    /// <summary>Batches whose lists are kept for others; those of the largest batches take about 2 MB each.</summary>
    private const int WorkKeptMax = 32;

    /// <summary>Customers whose memory is asked for together; they must fit into the processor's nearest caches.</summary>
    public const int TogetherMax = 64;

    /// <summary>The lists of batches that are not under way.</summary>
    internal ObjectPool<BatchWork> Work { get; } =
        new DefaultObjectPool<BatchWork>(new DefaultPooledObjectPolicy<BatchWork>(), WorkKeptMax);

    /// <summary>Whatever was read ahead, so that reading ahead is not taken for work without a purpose.</summary>
    internal int Fetched { get; private set; }

    /// <summary>Begins the calls of all who wait; the answers are in their order.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "Whoever begins the calls awaits each of them once.")]
    internal void Begin(IGrainFactory grains, BatchWork work)
    {
        List<CustomerFacts> customers = work.Waiting;
        var references = new ICustomerGrain[Math.Min(TogetherMax, customers.Count)];
        var found = new CustomerGrain?[references.Length];
        for (int start = 0; start < customers.Count; start += TogetherMax)
        {
            int count = Math.Min(TogetherMax, customers.Count - start);
            for (int i = 0; i < count; i++)
            {
                references[i] = grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customers[start + i].CustomerId));
            }

            Fetch(references.AsSpan(0, count), found.AsSpan(0, count));
            for (int i = 0; i < count; i++)
            {
                work.Calls.Add(references[i].Record(customers[start + i].Request));
            }
        }
    }

    private void Fetch(ReadOnlySpan<ICustomerGrain> references, Span<CustomerGrain?> found)
    {
        nearby.Find(references, found);
        int fetched = 0;
        foreach (CustomerGrain? grain in found)
        {
            fetched ^= grain?.StateBytes ?? 0;
        }

        foreach (CustomerGrain? grain in found)
        {
            fetched ^= grain?.FetchState() ?? 0;
        }

        Fetched = fetched;
    }
}
