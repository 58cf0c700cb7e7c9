using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>Label every customer under the centroids and sum up.</summary>
/// <param name="Previous">The centroids of the round before, null for the first: whoever takes a part up in the middle must know which customers changed their label.</param>
[GenerateSerializer, Immutable, Alias("training-round-work")]
public sealed record RoundWork(
    [property: Id(0)] TrainingSession Session,
    [property: Id(1)] ScalingValues Scaling,
    [property: Id(2)] CentroidValues? Previous,
    [property: Id(3)] CentroidValues Centroids) : PassWork;
