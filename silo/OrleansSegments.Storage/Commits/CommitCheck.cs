using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Commits;

/// <summary>
/// Decides whether a change fits what is stored: first against the commit in the making, then against the versions in memory, and only
/// when those are silent or disagree against the files. Used by the commit thread alone, on a connection of its own.
/// </summary>
internal sealed class CommitCheck(StoreMemory memory, SqliteDatabase tables) : IDisposable
{
    private readonly SqliteStatement _find = tables.Prepare("SELECT version, segment FROM customers WHERE id = ?");

    /// <summary>Adds the change to the draft if the writer's copy was up to date.</summary>
    public bool TryAdd(CommitDraft draft, CustomerChange change)
    {
        var expected = change.Record.Version - 1;
        if (!draft.TryGetVersion(change.CustomerId, out var before)
            && !(memory.Versions.TryGet(change.CustomerId, out before) && before.Matches(expected, change.PreviousSegmentId)))
        {
            before = Find(change.CustomerId);
        }

        if (!before.Matches(expected, change.PreviousSegmentId))
        {
            return false;
        }

        draft.Add(change, before);
        return true;
    }

    /// <summary>Adds a deadline unless the customer has moved on.</summary>
    public void Add(CommitDraft draft, DeadlineUpdate update)
    {
        if (!draft.TryGetVersion(update.CustomerId, out var before)
            && !(memory.Versions.TryGet(update.CustomerId, out before) && before.Version == update.Version))
        {
            before = Find(update.CustomerId);
        }

        if (before.Exists && before.Version == update.Version)
        {
            draft.Add(update, before);
        }
    }

    public void Dispose() => tables.Dispose();

    private CustomerVersion Find(string customerId)
    {
        // The view before the tables: what a merge moves in between is then in both.
        if (memory.Unmerged.View.Find(customerId) is { } unmerged)
        {
            return new CustomerVersion(unmerged.Version, unmerged.SegmentId);
        }

        _find.BindText(1, customerId);
        if (!_find.Step())
        {
            return CustomerVersion.Absent;
        }

        var version = new CustomerVersion(_find.Int64(0), _find.Int32(1));
        _find.Reset();
        return version;
    }
}
