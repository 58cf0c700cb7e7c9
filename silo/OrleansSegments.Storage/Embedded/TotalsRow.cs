using System.Buffers.Binary;
using System.Collections.Frozen;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Embedded;

/// <summary>The totals as one value, written with every commit: the log's end, the latest moment, then each segment and its size.</summary>
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

    /// <param name="stored">Null for a store that is new.</param>
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
