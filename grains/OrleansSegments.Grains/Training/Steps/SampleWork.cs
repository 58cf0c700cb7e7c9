using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>Scale the vectors and draw the sample.</summary>
[GenerateSerializer, Immutable, Alias("training-sample-work")]
public sealed record SampleWork([property: Id(0)] TrainingSession Session, [property: Id(1)] ScalingValues Scaling) : PassWork;
