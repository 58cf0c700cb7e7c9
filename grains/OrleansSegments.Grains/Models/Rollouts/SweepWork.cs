using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Models.Rollouts;

/// <summary>Evaluate every customer of the share under the model, and let those reclassify themselves that move.</summary>
/// <param name="WritesDeadlines">Whether those that stay get their new deadline.</param>
[GenerateSerializer, Immutable, Alias("rollout-sweep-work")]
public sealed record SweepWork([property: Id(0)] int ModelVersion, [property: Id(1)] bool WritesDeadlines) : PassWork;
