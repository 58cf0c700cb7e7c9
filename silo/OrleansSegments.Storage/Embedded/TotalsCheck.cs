namespace OrleansSegments.Storage.Embedded;

/// <summary>Recounts the rows and both indexes and compares with the totals, at one moment, so that it may run while commits go on.</summary>
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
                rows[row.SegmentId] = rows.GetValueOrDefault(row.SegmentId) + 1;
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
