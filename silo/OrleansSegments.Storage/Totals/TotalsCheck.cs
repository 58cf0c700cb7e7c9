using OrleansSegments.Storage.Reads;

namespace OrleansSegments.Storage.Totals;

/// <summary>Recounts the rows behind the totals, after a merge and with no commits in between.</summary>
internal static class TotalsCheck
{
    public static IReadOnlyList<string> Compare(ReadConnection connection, StoreMemory memory)
    {
        var totals = memory.Totals.Current;
        var differences = new List<string>();
        var counted = new Dictionary<int, long>();
        while (connection.Sizes.Step())
        {
            counted.Add(connection.Sizes.Int32(0), connection.Sizes.Int64(1));
        }

        foreach (var segmentId in counted.Keys.Union(totals.SizeBySegmentId.Keys).Order())
        {
            var rows = counted.GetValueOrDefault(segmentId);
            if (rows != totals.SizeOf(segmentId))
            {
                differences.Add($"Segment {segmentId} has {rows} rows and a total of {totals.SizeOf(segmentId)}.");
            }
        }

        if (totals.Population != totals.SizeBySegmentId.Values.Sum())
        {
            differences.Add($"The population is {totals.Population}; the sizes add up to {totals.SizeBySegmentId.Values.Sum()}.");
        }

        return differences;
    }
}
