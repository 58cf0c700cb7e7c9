using Orleans;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>The sums of all segments at one moment.</summary>
[GenerateSerializer, Immutable, Alias("segment-means")]
public sealed record SegmentMeans([property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] FeatureSums[] Segments);
