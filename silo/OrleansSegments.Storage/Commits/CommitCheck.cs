using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Commits;

/// <summary>
/// Decides whether a change fits what is stored: first against the commit in the making, then against what is unmerged, then against the
/// versions in memory, and only when those are silent or disagree against the files. Used by the commit thread alone, on a connection of
/// its own.
/// </summary>
internal sealed class CommitCheck(StoreMemory memory, SqliteDatabase tables) : IDisposable
{
    private readonly SqliteStatement _find = tables.Prepare("SELECT version, segment FROM customers WHERE id = ?");

    /// <summary>Adds the change to the draft if the writer's copy was up to date.</summary>
    /// <param name="ids">Where the customers of some changes stand.</param>
    /// <param name="number">Which of them this change's is.</param>
    public bool TryAdd(CommitDraft draft, CustomerChange change, PreparedIds ids, int number)
    {
        var key = ids.KeyAt(number);
        var place = ids.PlaceAt(number);
        var expected = change.Record.Version - 1;
        if (!TryFind(draft, key, place, ids.Merging, ids.MergingPlaceAt(number), out var index, out var before)
            && !(memory.Versions.TryGet(key.Hash, out before) && before.Matches(expected, change.PreviousSegmentId)))
        {
            before = FindInTables(key);
        }

        if (!before.Matches(expected, change.PreviousSegmentId))
        {
            return false;
        }

        draft.Change(index >= 0 ? index : draft.Add(key, before, place), change, before);
        return true;
    }

    /// <summary>Adds a deadline unless the customer has moved on.</summary>
    public void Add(CommitDraft draft, DeadlineUpdate update)
    {
        var key = memory.KeyOf(update.CustomerId, stackalloc byte[CustomerId.Utf8BytesMax]);
        var place = draft.PlacesIn.PlaceOf(key);
        var merging = memory.Unmerged.View.Merging;
        if (!TryFind(draft, key, place, merging, merging?.PlaceOf(key) ?? -1, out var index, out var before)
            && !(memory.Versions.TryGet(key.Hash, out before) && before.Version == update.Version))
        {
            before = FindInTables(key);
        }

        if (before.Exists && before.Version == update.Version)
        {
            draft.ChangeDeadline(index >= 0 ? index : draft.Add(key, before, place), update.DueAtMilliseconds);
        }
    }

    public void Dispose() => tables.Dispose();

    /// <summary>Looks where the answer is certain: in the draft, then in what is unmerged.</summary>
    private static bool TryFind(
        CommitDraft draft, IdKey key, int place, UnmergedGeneration? merging, int mergingPlace, out int index, out CustomerVersion version)
    {
        index = draft.IndexOf(key);
        if (index >= 0)
        {
            version = draft.VersionAt(index);
            return true;
        }

        if (place >= 0)
        {
            version = VersionOf(in draft.PlacesIn.At(place));
            return true;
        }

        // The view was taken before the versions and the tables are asked: what a merge moves in between is then in both.
        if (mergingPlace >= 0)
        {
            version = VersionOf(in merging!.At(mergingPlace));
            return true;
        }

        version = CustomerVersion.Absent;
        return false;
    }

    private CustomerVersion FindInTables(IdKey key)
    {
        _find.BindText(1, key.Utf8);
        if (!_find.Step())
        {
            return CustomerVersion.Absent;
        }

        var version = new CustomerVersion(_find.Int64(0), _find.Int32(1));
        _find.Reset();
        return version;
    }

    private static CustomerVersion VersionOf(ref readonly UnmergedCustomer customer) => new(customer.Version, customer.SegmentId);
}
