using Orleans;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>Means per feature and segment over the whole population, computed when asked for and kept for a few seconds.</summary>
public sealed class SegmentStatistics(IGrainFactory grains, FeatureEngine features)
{
    public async Task<StatisticsSnapshot> ReadAsync()
    {
        SegmentMeans latest = await grains.GetGrain<IStatisticsGrain>(0).Read();
        return new StatisticsSnapshot(
            latest.AsOf, [.. features.Catalogue.Features.Select(f => f.Name)], latest.Segments.ToDictionary(s => s.SegmentId, s => s.Means()));
    }
}
