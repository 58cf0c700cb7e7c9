using System.Runtime.CompilerServices;
using Orleans;
using OrleansSegments.Engine.Features;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>The customers with ids after one bound and up to another, in the order of the store's scans.</summary>
/// <param name="After">Exclusive lower bound; null for none.</param>
/// <param name="Until">Inclusive upper bound; null for none.</param>
/// <param name="Catalogue">Hash of the feature catalogue that the work needs; a silo with another one must not do it.</param>
[GenerateSerializer, Immutable, Alias("id-range")]
public readonly record struct IdRange([property: Id(0)] string? After, [property: Id(1)] string? Until, [property: Id(2)] ulong Catalogue = 0)
{
    public static IdRange Everything => default;

    public bool IsEverything => After is null && Until is null;

    /// <summary>Splits the id space at the cuts: every id is in exactly one range.</summary>
    /// <param name="cuts">Ascending in the order of the store's scans.</param>
    public static IdRange[] Between(IReadOnlyList<string> cuts, ulong catalogue = 0) =>
        [.. Enumerable.Range(0, cuts.Count + 1).Select(i => new IdRange(i == 0 ? null : cuts[i - 1], i == cuts.Count ? null : cuts[i], catalogue))];
}

/// <summary>Reads the customers of a range from the store, which holds every durable change, wherever the customer is active.</summary>
internal static class PopulationScan
{
    /// <summary>Customers per page; bounds the memory of a scan to about 8 MB.</summary>
    public const int PageRows = 4_096;

    /// <summary>The customers of a range in pages, each customer once, without records outside the population.</summary>
    /// <param name="catalogue">This silo's catalogue.</param>
    /// <exception cref="StateLayoutException">Thrown when the work needs another catalogue.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<StoredCustomer>> ScanAsync(
        this ICustomerStore store, IdRange range, FeatureCatalogue catalogue, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (range.Catalogue != catalogue.Hash)
        {
            throw new StateLayoutException("The silos have different feature catalogues; this work waits until all have the one in force.");
        }

        string? after = range.After;
        while (true)
        {
            IReadOnlyList<StoredCustomer> page = await store.ScanAsync(after, PageRows, cancellationToken).ConfigureAwait(false);
            bool isLast = page.Count == 0 || (range.Until is { } until && CustomerIdOrder.Compare(page[^1].CustomerId, until) >= 0);
            IReadOnlyList<StoredCustomer> inside = isLast && range.Until is { } end
                ? [.. page.TakeWhile(c => CustomerIdOrder.Compare(c.CustomerId, end) <= 0)]
                : page;
            inside = inside.All(c => c.Record.IsInPopulation) ? inside : [.. inside.Where(c => c.Record.IsInPopulation)];
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
