using Orleans;

namespace OrleansSegments.Contracts.Customers;

/// <summary>Euclidean distance to a segment's centroid in the model's scaled, weighted space.</summary>
[GenerateSerializer, Immutable, Alias("segment-distance")]
public sealed record SegmentDistance([property: Id(0)] string Id, [property: Id(1)] string Name, [property: Id(2)] double Distance);
