using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>Statistics of all segments. One of it, so that all silos share one pass; key 0.</summary>
[Alias("statistics")]
public interface IStatisticsGrain : IGrainWithIntegerKey
{
    /// <summary>The statistics, at most <see cref="SegmentOptions.StatisticsAgeMax"/> old when they are taken. Concurrent callers share one pass.</summary>
    [AlwaysInterleave, Alias("read"), ResponseTimeout("00:05:00")]
    Task<SegmentMeans> Read();
}
