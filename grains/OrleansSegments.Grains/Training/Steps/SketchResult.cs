using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>One sketch for each feature.</summary>
/// <param name="PopulationSeen">What the store's totals said on that silo after the reading.</param>
[GenerateSerializer, Immutable, Alias("training-sketch-result")]
public sealed record SketchResult(long Rows, [property: Id(0)] long PopulationSeen, [property: Id(1)] SketchValues[] Sketches) : PassResult(Rows);
