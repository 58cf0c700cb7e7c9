using Orleans;

namespace OrleansSegments.Contracts.Segments;

/// <summary>What a model says of a segment.</summary>
/// <param name="ModelVersion">The last model that has this segment.</param>
/// <param name="FirstModelVersion">The model that brought it.</param>
/// <param name="EndedByModelVersion">The model that no longer has it; null while it lives.</param>
/// <param name="Lineage">survived, split, absorbed, emerged, vanished, with the partner segments.</param>
[GenerateSerializer, Immutable, Alias("segment-definition")]
public sealed record SegmentDefinition(
    [property: Id(0)] int SegmentId,
    [property: Id(1)] string Name,
    [property: Id(2)] int ModelVersion,
    [property: Id(3)] int FirstModelVersion,
    [property: Id(4)] int? EndedByModelVersion,
    [property: Id(5)] DistinguishingFeature[] DistinguishingFeatures,
    [property: Id(6)] LineageView[] Lineage);
