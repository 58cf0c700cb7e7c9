using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Segments.Statistics;

/// <summary>Add up every feature of the share's customers, by segment, in natural units at one instant.</summary>
[GenerateSerializer, Immutable, Alias("statistics-work")]
public sealed record StatisticsWork([property: Id(0)] long AtMilliseconds) : PassWork;
