using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Models.Rollouts;

/// <summary>Take note that every customer was evaluated under the model.</summary>
[GenerateSerializer, Immutable, Alias("rollout-end-work")]
public sealed record RolloutEndWork([property: Id(0)] int ModelVersion) : PassWork;
