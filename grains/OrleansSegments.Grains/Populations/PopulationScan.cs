using System.Runtime.CompilerServices;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>Reads the customers of a range from the store, where every durable change is, whoever has the customer in memory.</summary>
internal static class PopulationScan
{
    /// <summary>Customers read at a time; bounds the memory of a scan to about 8 MB.</summary>
    public const int PageRows = 4_096;

    /// <summary>The customers of a range in pages, each customer once.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<StoredCustomer>> ScanAsync(
        this ICustomerStore store, IdRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = range.After;
        while (true)
        {
            IReadOnlyList<StoredCustomer> page = await store.ScanAsync(after, PageRows, cancellationToken).ConfigureAwait(false);
            bool isLast = page.Count == 0 || (range.Until is { } until && CustomerIdOrder.Compare(page[^1].CustomerId, until) >= 0);
            IReadOnlyList<StoredCustomer> inside = isLast && range.Until is { } end
                ? [.. page.TakeWhile(c => CustomerIdOrder.Compare(c.CustomerId, end) <= 0)]
                : page;
            if (inside.Count > 0)
            {
                yield return inside;
            }

            if (isLast)
            {
                yield break;
            }

            after = page[^1].CustomerId;
        }
    }
}
