using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>Gather the customers and sketch every feature.</summary>
[GenerateSerializer, Immutable, Alias("training-sketch-work")]
public sealed record SketchWork([property: Id(0)] TrainingSession Session) : PassWork;
