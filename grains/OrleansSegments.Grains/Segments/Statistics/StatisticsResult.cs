using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>The sums of a share.</summary>
[GenerateSerializer, Immutable, Alias("statistics-result")]
public sealed record StatisticsResult(long Rows, [property: Id(0)] FeatureSums[] Segments) : PassResult(Rows);
