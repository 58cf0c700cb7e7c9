using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>Describe the clusters of the final centroids: for names, identities and gates.</summary>
[GenerateSerializer, Immutable, Alias("training-evidence-work")]
public sealed record EvidenceWork(
    [property: Id(0)] TrainingSession Session, [property: Id(1)] ScalingValues Scaling, [property: Id(2)] CentroidValues Centroids) : PassWork;
