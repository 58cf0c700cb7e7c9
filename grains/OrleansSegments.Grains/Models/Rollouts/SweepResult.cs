using Orleans;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Models.Rollouts;

/// <summary>What came of a sweep. The other steps of a roll-out answer with nothing in it.</summary>
/// <param name="Moved">Customers that changed segment.</param>
/// <param name="LeftBehind">Customers that could not be asked, or not made durable.</param>
[GenerateSerializer, Immutable, Alias("rollout-sweep-result")]
public sealed record SweepResult(long Rows, [property: Id(0)] long Moved, [property: Id(1)] long LeftBehind) : PassResult(Rows)
{
    public static SweepResult Nothing { get; } = new(0, 0, 0);
}
