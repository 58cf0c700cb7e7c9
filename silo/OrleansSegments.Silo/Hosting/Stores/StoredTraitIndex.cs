using System.Text.Json;
using OrleansSegments.Engine.Features;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// The traits that a store's index holds, as a document of the store. A start with other ones brings the index to them before anybody is
/// served: one pass over the store, in which each customer with such a trait gets its entries by an ordinary commit. Every step is
/// repeatable, so that a start after a crash finishes the pass, and silos that start together may each make it.
/// </summary>
internal static class StoredTraitIndex
{
    private const string Kind = "settings";
    private const string Key = "indexed-traits";

    /// <summary>Customers read, and changed, together.</summary>
    private const int PageRows = 4_096;

    /// <exception cref="CommandException">Thrown when other silos of the cluster run with other traits.</exception>
    public static async Task AdoptAsync(IStore store, TraitIndex traits, ILogger logger, CancellationToken cancellationToken)
    {
        while (true)
        {
            ControlDocument? document = await store.Control.ReadAsync(Kind, Key, cancellationToken);
            Contents known = document is null ? new Contents([], [], []) : JsonSerializer.Deserialize<Contents>(document.Content)!;
            if (known.IsOf(traits))
            {
                return;
            }

            if (document is not null && store.HasOtherSilos && !known.Names.SequenceEqual(traits.Names))
            {
                throw new CommandException(
                    $"the other silos of the cluster index {Words(known.Names)}, and Customers:IndexedTraits of this one names {Words(traits.Names)}. "
                    + "Give all silos the same names; to change them, stop all silos first.");
            }

            Contents begun = known.Toward(traits);
            if (await TryWriteAsync(store, begun, document?.Version ?? 0, cancellationToken))
            {
                long changed = await IndexAsync(store, begun, cancellationToken);
                if (store.Customers.Totals.Population > 0)
                {
                    logger.LogInformation("Customers are found by {Traits} from now on; {Changed} were indexed anew", Words(traits.Names), changed);
                }

                await TryWriteAsync(store, Contents.Whole(traits), (document?.Version ?? 0) + 1, cancellationToken);
            }

            // Another silo of the cluster is starting, too, if the document is not as this one wrote it: look again.
        }
    }

    private static async Task<long> IndexAsync(IStore store, Contents begun, CancellationToken cancellationToken)
    {
        var (stale, missing) = (new TraitIndex(begun.Stale), new TraitIndex(begun.Missing));
        long changed = 0;
        string? after = null;
        HashSet<string>? again = null;
        while (await store.Customers.ScanAsync(after, PageRows, cancellationToken) is { Count: > 0 } page)
        {
            CustomerChange[] changes =
                [.. page.Where(customer => again?.Contains(customer.CustomerId) is not false).Select(customer => ChangeOf(customer, stale, missing)).OfType<CustomerChange>()];
            CommitOutcome[] outcomes = await Task.WhenAll(changes.Select(change => store.Customers.CommitAsync(change).AsTask()));
            if (outcomes.Contains(CommitOutcome.Unavailable))
            {
                throw new StoreException($"The customers could not be indexed. {store.Customers.Health.Problem}");
            }

            // Another silo changed these customers meanwhile; look at them again.
            again = [.. changes.Where((_, index) => outcomes[index] != CommitOutcome.Committed).Select(static change => change.CustomerId)];
            changed += changes.Length - again.Count;
            if (again.Count == 0)
            {
                (after, again) = (page[^1].CustomerId, null);
            }
        }

        return changed;
    }

    /// <summary>The same record with other entries; null where there is nothing to do.</summary>
    private static CustomerChange? ChangeOf(StoredCustomer customer, TraitIndex stale, TraitIndex missing)
    {
        CustomerRecord record = customer.Record;
        TraitEntry[] entries = record.IsInPopulation ? [.. stale.Entries(record.State, []), .. missing.Entries([], record.State)] : [];
        return entries.Length == 0
            ? null
            : new CustomerChange(
                customer.CustomerId, record.SegmentId, record with { Version = record.Version + 1 }, customer.DueAtMilliseconds, default, OccurredAtMilliseconds: 0)
            {
                Traits = entries,
            };
    }

    private static async Task<bool> TryWriteAsync(IStore store, Contents contents, long version, CancellationToken cancellationToken) =>
        await store.Control.TryWriteAsync(Kind, Key, version, JsonSerializer.SerializeToUtf8Bytes(contents), cancellationToken);

    private static string Words(string[] names) => names.Length == 0 ? "no traits" : string.Join(", ", names);

    /// <param name="Names">What silos keep indexed.</param>
    /// <param name="Missing">Those of them of which entries may be missing.</param>
    /// <param name="Stale">Others, of which entries may be left.</param>
    private sealed record Contents(string[] Names, string[] Missing, string[] Stale)
    {
        public static Contents Whole(TraitIndex traits) => new(traits.Names, [], []);

        public bool IsOf(TraitIndex traits) => Names.SequenceEqual(traits.Names) && Missing.Length == 0 && Stale.Length == 0;

        public Contents Toward(TraitIndex traits) =>
            new(traits.Names, [.. traits.Names.Except(Names.Except(Missing))], [.. Stale.Union(Names).Except(traits.Names)]);
    }
}
