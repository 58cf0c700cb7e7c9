using Orleans;

namespace OrleansSegments.Contracts.Segments;

/// <summary>One segment in a census.</summary>
/// <param name="FeatureMeans">Mean over the members in natural units, by feature name; null when not asked for.</param>
[GenerateSerializer, Immutable, Alias("segment-count")]
public sealed record SegmentCount(
    [property: Id(0)] string Id,
    [property: Id(1)] string Name,
    [property: Id(2)] long Size,
    [property: Id(3)] double Share,
    [property: Id(4)] DistinguishingFeature[] DistinguishingFeatures,
    [property: Id(5)] Dictionary<string, double>? FeatureMeans);
