using Orleans;

namespace OrleansSegments.Contracts.Segments;

/// <summary>All segments at one moment.</summary>
/// <param name="Sequence">The last transition that is counted in.</param>
/// <param name="StatisticsAsOf">The moment the means speak of; null when none were asked for.</param>
[GenerateSerializer, Immutable, Alias("segment-census-answer")]
public sealed record SegmentCensus(
    [property: Id(0)] DateTimeOffset AsOf,
    [property: Id(1)] int ModelVersion,
    [property: Id(2)] long Population,
    [property: Id(3)] long Sequence,
    [property: Id(4)] DateTimeOffset? StatisticsAsOf,
    [property: Id(5)] SegmentCount[] Segments);
