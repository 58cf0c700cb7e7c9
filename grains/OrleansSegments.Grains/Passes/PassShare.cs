using Orleans;

namespace OrleansSegments.Grains.Passes;

/// <summary>What one silo is asked to do of a step.</summary>
/// <param name="Parts">The numbers of the parts.</param>
/// <param name="Ranges">Beside each number its range; empty for an order to every silo.</param>
[GenerateSerializer, Immutable, Alias("pass-share")]
public sealed record PassShare(
    [property: Id(0)] Guid Session,
    [property: Id(1)] int Step,
    [property: Id(2)] int[] Parts,
    [property: Id(3)] IdRange[] Ranges,
    [property: Id(4)] PassWork Work);
