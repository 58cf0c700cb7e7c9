using Orleans;

namespace OrleansSegments.Contracts.Models;

/// <summary>How far a model has reached. Complete only when every customer, in memory or not, was evaluated under it.</summary>
/// <param name="Evaluated">Customers evaluated so far.</param>
/// <param name="Moved">Of those, how many changed segment.</param>
[GenerateSerializer, Immutable, Alias("rollout-progress")]
public sealed record RolloutProgress(
    [property: Id(0)] int ModelVersion,
    [property: Id(1)] bool Complete,
    [property: Id(2)] long Evaluated,
    [property: Id(3)] long Moved,
    [property: Id(4)] DateTimeOffset StartedAt,
    [property: Id(5)] DateTimeOffset? CompletedAt);
