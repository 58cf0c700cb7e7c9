using Orleans;
using OrleansSegments.Contracts.Models;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>What all steps of a training have in common; enough to take up a part at any step.</summary>
/// <param name="AsOfMilliseconds">The one instant at which every customer is evaluated.</param>
/// <param name="Published">The model that the result is compared with.</param>
/// <param name="Seed">Of the sample.</param>
[GenerateSerializer, Immutable, Alias("training-session")]
public sealed record TrainingSession(
    [property: Id(0)] long AsOfMilliseconds, [property: Id(1)] PublishedModel Published, [property: Id(2)] ulong Seed);
