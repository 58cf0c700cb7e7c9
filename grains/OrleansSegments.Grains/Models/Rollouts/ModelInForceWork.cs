using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Models.Rollouts;

/// <summary>Answer when the model, or a later one, is in force on this silo.</summary>
[GenerateSerializer, Immutable, Alias("rollout-model-in-force-work")]
public sealed record ModelInForceWork([property: Id(0)] int ModelVersion) : PassWork;
