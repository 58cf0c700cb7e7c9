using Orleans;

namespace OrleansSegments.Contracts.Segments;

/// <summary>What became of a segment from one model to the next.</summary>
[GenerateSerializer, Immutable, Alias("lineage-view")]
public sealed record LineageView(
    [property: Id(0)] int ModelVersion, [property: Id(1)] string Kind, [property: Id(2)] string[] Partners, [property: Id(3)] double Overlap);
