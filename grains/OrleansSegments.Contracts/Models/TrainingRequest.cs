using Orleans;

namespace OrleansSegments.Contracts.Models;

/// <summary>What to train.</summary>
/// <param name="SegmentCount">Fixes K; null leaves the choice to the configured range (first training) or the published model (later ones).</param>
/// <param name="Replan">Chooses K anew although a model is published.</param>
/// <param name="Force">Publishes although a quality gate says no; the gates are still reported.</param>
[GenerateSerializer, Immutable, Alias("training-request")]
public sealed record TrainingRequest(
    [property: Id(0)] int? SegmentCount = null, [property: Id(1)] bool Replan = false, [property: Id(2)] bool Force = false);
