using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Segments;

/// <summary>Counts all segments at one moment. Any key reaches a local worker; use 0.</summary>
[Alias("segment-census")]
public interface ISegmentCensus : IGrainWithIntegerKey
{
    /// <summary>Sizes of one and the same commit: they add up to the population.</summary>
    /// <param name="withStatistics">Also the means per feature, which may be some seconds old; their own moment says so.</param>
    [AlwaysInterleave, Alias("take")]
    ValueTask<SegmentCensus> Take(bool withStatistics);
}
