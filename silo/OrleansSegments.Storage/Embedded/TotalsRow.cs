using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// The totals as a single value, written with every commit: the log's end, the latest time, then each segment with its size.
/// </summary>
internal static class TotalsRow
{
    private const int HeadBytes = 2 * sizeof(long);
    private const int SegmentBytes = sizeof(int) + sizeof(long);

    public static byte[] Write(SegmentTotals totals)
    {
        var bytes = new byte[HeadBytes + (SegmentBytes * totals.SizeBySegmentId.Count)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, totals.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long)), totals.LatestOccurredAtMilliseconds);
        var rest = bytes.AsSpan(HeadBytes);
        foreach (var (segmentId, size) in totals.SizeBySegmentId)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, segmentId);
            BinaryPrimitives.WriteInt64LittleEndian(rest[sizeof(int)..], size);
            rest = rest[SegmentBytes..];
        }

        return bytes;
    }

    /// <param name="stored">Null for a new store.</param>
    public static SegmentTotals Read(byte[]? stored)
    {
        if (stored is null)
        {
            return SegmentTotals.Empty;
        }

        var sizes = new Dictionary<int, long>();
        for (var rest = stored.AsSpan(HeadBytes); rest.Length > 0; rest = rest[SegmentBytes..])
        {
            sizes.Add(BinaryPrimitives.ReadInt32LittleEndian(rest), BinaryPrimitives.ReadInt64LittleEndian(rest[sizeof(int)..]));
        }

        return new SegmentTotals(
            BinaryPrimitives.ReadInt64LittleEndian(stored),
            sizes.Values.Sum(),
            sizes.ToFrozenDictionary(),
            BinaryPrimitives.ReadInt64LittleEndian(stored.AsSpan(sizeof(long))));
    }
}

/// <summary>Recounts the rows and all indexes in one snapshot and compares them with the totals; commits may go on meanwhile.</summary>
internal static class TotalsCheck
{
    public static IReadOnlyList<string> Compare(Database database, CancellationToken cancellationToken)
    {
        using var snapshot = database.Snapshot();
        var sameMoment = ReadSetup.Of(snapshot).SetFillCache(false);
        var totals = TotalsRow.Read(database.Find(Keys.Totals, family: null, sameMoment));
        var differences = new List<string>();
        var rows = new Dictionary<int, long>();
        long listed = 0;
        using (var customers = database.Scan(database.Customers, sameMoment).From([]))
        {
            while (customers.MoveNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var row = CustomerRow.Of(customers.Value);
                if (row.IsInPopulation)
                {
                    rows[row.SegmentId] = rows.GetValueOrDefault(row.SegmentId) + 1;
                }

                listed += row.Listed != CustomerRow.Never ? 1 : 0;
                if (row.Listed > row.Due)
                {
                    differences.Add($"A customer of segment {row.SegmentId} is due at {row.Due} and listed at {row.Listed}.");
                }
            }
        }

        var members = Members(database, sameMoment, cancellationToken);
        foreach (var segmentId in rows.Keys.Union(totals.SizeBySegmentId.Keys).Union(members.Keys).Order())
        {
            var (size, count, total) = (rows.GetValueOrDefault(segmentId), members.GetValueOrDefault(segmentId), totals.SizeOf(segmentId));
            if (size != total || count != total)
            {
                differences.Add($"Segment {segmentId} has {size} rows, {count} members in the index and a total of {total}.");
            }
        }

        var deadlines = 0L;
        using var index = database.Scan(database.Deadlines, sameMoment).From([]);
        while (index.MoveNext())
        {
            deadlines++;
        }

        if (deadlines != listed)
        {
            differences.Add($"{listed} customers are listed with a deadline, and the index has {deadlines}.");
        }

        using var traits = database.Scan(database.Traits, sameMoment).From([]);
        while (traits.MoveNext())
        {
            var id = traits.Key[Keys.PartsOfTrait(traits.Key).Id..];
            if (database.Find(id, database.Customers, sameMoment) is not { } stored || !CustomerRow.Of(stored).IsInPopulation)
            {
                differences.Add($"The index of traits has {Encoding.UTF8.GetString(id)}, who is not in the population.");
            }
        }

        return differences;
    }

    private static Dictionary<int, long> Members(Database database, RocksDbSharp.ReadOptions sameMoment, CancellationToken cancellationToken)
    {
        var members = new Dictionary<int, long>();
        using var index = database.Scan(database.Members, sameMoment).From([]);
        while (index.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var segmentId = Keys.SegmentOf(index.Key);
            members[segmentId] = members.GetValueOrDefault(segmentId) + 1;
        }

        return members;
    }
}
