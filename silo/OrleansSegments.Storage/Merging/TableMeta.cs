using System.Collections.Frozen;
using OrleansSegments.Storage.Sqlite;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Merging;

/// <summary>What <c>customers.db</c> says about itself: how far it is, and the totals there.</summary>
internal sealed record TableMeta(long MergedThroughCommit, SegmentTotals Totals, long? EarliestDueMilliseconds)
{
    public const string MergedThrough = "merged_through";
    public const string Sequence = "sequence";
    public const string LatestOccurred = "latest_occurred";

    public static TableMeta Read(SqliteDatabase database)
    {
        var sizes = new Dictionary<int, long>();
        using var statement = database.PrepareOnce("SELECT segment, size FROM totals");
        while (statement.Step())
        {
            sizes.Add(statement.Int32(0), statement.Int64(1));
        }

        var totals = new SegmentTotals(
            Number(database, Sequence), sizes.Values.Sum(), sizes.ToFrozenDictionary(), Number(database, LatestOccurred));
        return new TableMeta(
            Number(database, MergedThrough), totals, database.QueryNumber("SELECT min(due_indexed) FROM customers WHERE due_indexed IS NOT NULL"));
    }

    private static long Number(SqliteDatabase database, string name) =>
        database.QueryNumber($"SELECT value FROM meta WHERE name = '{name}'") ?? 0;
}
