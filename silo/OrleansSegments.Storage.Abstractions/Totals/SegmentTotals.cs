using System.Collections.Frozen;

namespace OrleansSegments.Storage.Totals;

/// <summary>How many customers each segment has after one commit. The sizes add up to the population, always.</summary>
/// <param name="Sequence">The last transition that is counted in.</param>
/// <param name="Population">Customers that exist.</param>
/// <param name="SizeBySegmentId">Only segments with at least one customer.</param>
/// <param name="LatestOccurredAtMilliseconds">The latest moment any committed change spoke of; a replayed data folder's clock stands there.</param>
public sealed record SegmentTotals(
    long Sequence, long Population, FrozenDictionary<int, long> SizeBySegmentId, long LatestOccurredAtMilliseconds)
{
    public static SegmentTotals Empty { get; } = new(0, 0, FrozenDictionary<int, long>.Empty, 0);

    public long SizeOf(int segmentId) => SizeBySegmentId.GetValueOrDefault(segmentId);
}
