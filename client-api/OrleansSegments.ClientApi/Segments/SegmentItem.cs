using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Segments;

/// <summary>One segment of a census.</summary>
/// <param name="Stats">By feature name; empty when statistics were not asked for.</param>
internal sealed record SegmentItem(
    string Id,
    string Name,
    long Size,
    double Share,
    IReadOnlyDictionary<string, FeatureStatistics> Stats,
    DistinguishingFeature[] Distinguishing)
{
    public static SegmentItem Of(SegmentCount count) => new(
        count.Id, count.Name, count.Size, count.Share, StatsOf(count), count.DistinguishingFeatures);

    public static Dictionary<string, FeatureStatistics> StatsOf(SegmentCount count) =>
        count.FeatureMeans?.ToDictionary(mean => mean.Key, mean => new FeatureStatistics(mean.Value)) ?? [];
}
