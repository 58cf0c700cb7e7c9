using Orleans;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.Contracts.Models;

/// <summary>A model as the trainer hands it in; its version is the one the trainer was told to use.</summary>
/// <param name="Definitions">What it says of its segments, and of those it ends.</param>
[GenerateSerializer, Immutable, Alias("trained-model")]
public sealed record TrainedModel(
    [property: Id(0)] int Version, [property: Id(1)] byte[] Document, [property: Id(2)] ModelSummary Summary, [property: Id(3)] SegmentDefinition[] Definitions);
