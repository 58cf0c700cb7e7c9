using System.Collections.Frozen;

namespace OrleansSegments.Storage.Totals;

/// <summary>Number of customers per segment after one commit. The sizes always add up to the population.</summary>
/// <param name="Sequence">The last transition included.</param>
/// <param name="Population">Number of customers.</param>
/// <param name="SizeBySegmentId">Only segments with at least one customer.</param>
/// <param name="LatestOccurredAtMilliseconds">The latest time of any committed change; a replayed clock starts there.</param>
public sealed record SegmentTotals(
    long Sequence, long Population, FrozenDictionary<int, long> SizeBySegmentId, long LatestOccurredAtMilliseconds)
{
    public static SegmentTotals Empty { get; } = new(0, 0, FrozenDictionary<int, long>.Empty, 0);

    public long SizeOf(int segmentId) => SizeBySegmentId.GetValueOrDefault(segmentId);
}
