using System.ComponentModel.DataAnnotations;
using System.Text;
using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// Finds customers in the silo's store, without bringing anybody into memory: the segment of an answer is the one in which the store counts
/// the customer. Owns nothing.
/// </summary>
[StatelessWorker]
public sealed class CustomerSearchGrain(ICustomerStore store, ModelCache models, TraitIndex traits) : Grain, ICustomerSearch
{
    /// <summary>Rows that one call reads: where most ids of a prefix are aliases, a page may have fewer customers than asked for.</summary>
    private const int RowsMax = 10_000;

    public async ValueTask<CustomersPage> ByPrefix(string prefix, string? cursor, int limit)
    {
        var found = new List<FoundCustomer>();
        string last = cursor ?? prefix;
        int rows = 0;
        if (cursor is null)
        {
            // A page begins behind an id, and the prefix itself may be one.
            Add(found, prefix, await store.ReadAsync(prefix, CancellationToken.None));
        }

        for (bool isEnd = false; found.Count < limit && rows < RowsMax;)
        {
            // Twice as many each time, so that a small limit does not step over many aliases one by one.
            int asked = Math.Max(limit - found.Count, rows);
            IReadOnlyList<StoredCustomer> page = await store.ScanAsync(last, asked, CancellationToken.None);
            foreach (StoredCustomer customer in page.TakeWhile(_ => found.Count < limit))
            {
                isEnd = !customer.CustomerId.StartsWith(prefix, StringComparison.Ordinal);
                if (isEnd)
                {
                    break;
                }

                last = customer.CustomerId;
                Add(found, last, customer.Record);
            }

            if (isEnd || (page.Count < asked && found.Count < limit))
            {
                return new CustomersPage([.. found], null);
            }

            rows += page.Count;
        }

        return new CustomersPage([.. found], last);
    }

    public async ValueTask<CustomersPage?> ByTrait(string trait, string value, string? cursor, int limit)
    {
        if (!traits.Holds(trait))
        {
            return null;
        }

        if (TraitIndex.SpellingOf(value) is not { } spelling)
        {
            return new CustomersPage([], null);
        }

        IReadOnlyList<string> ids = await store.FindByTraitAsync(trait, spelling, cursor, limit, CancellationToken.None);
        var found = new List<FoundCustomer>();
        foreach ((string id, CustomerRecord? record) in ids.Zip(await store.ReadManyAsync(ids, CancellationToken.None)))
        {
            Add(found, id, record);
        }

        return new CustomersPage([.. found], ids.Count == limit ? ids[^1] : null);
    }

    private void Add(List<FoundCustomer> found, string id, CustomerRecord? record)
    {
        if (record is { IsInPopulation: true })
        {
            found.Add(new FoundCustomer(id, CustomerViews.MembershipOf(record, models.Current)));
        }
    }
}

/// <summary>By what customers can be found.</summary>
public sealed class CustomerOptions : IValidatableObject
{
    public const string Section = "Customers";

    /// <summary>Each costs a row of the index for every customer who has it, and a comparison for every identify event.</summary>
    private const int IndexedTraitsMax = 4;

    /// <summary>Traits by whose values customers are found, up to 4: text of up to 255 characters, trimmed, in small or capital letters.</summary>
    public string[] IndexedTraits { get; set; } = ["email"];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IndexedTraits.Length > IndexedTraitsMax)
        {
            yield return new ValidationResult($"IndexedTraits names {IndexedTraits.Length} traits; at most {IndexedTraitsMax} can be indexed.", [nameof(IndexedTraits)]);
        }

        foreach (string name in IndexedTraits.Where(static name => name.Length == 0 || Encoding.UTF8.GetByteCount(name) > TraitIndex.NameBytesMax))
        {
            yield return new ValidationResult(
                $"IndexedTraits names '{name}'; the name of a trait has 1 to {TraitIndex.NameBytesMax} bytes of UTF-8.", [nameof(IndexedTraits)]);
        }
    }
}

/// <summary>The engine's values as entries of the store's index.</summary>
public static class TraitEntries
{
    /// <inheritdoc cref="TraitIndex.Changes"/>
    public static TraitEntry[] Entries(this TraitIndex traits, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after) =>
        traits.Changes(before, after) is { Length: > 0 } changes
            ? Array.ConvertAll(changes, static change => new TraitEntry(change.Trait, change.Value, change.IsAdded))
            : [];
}
