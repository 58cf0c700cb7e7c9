using Orleans;

namespace OrleansSegments.Grains.Passes;

/// <summary>What a silo did of a step.</summary>
/// <param name="Parts">The parts that the result is about, all of them together.</param>
/// <param name="Result">Null when it failed.</param>
/// <param name="Problem">Why it failed.</param>
[GenerateSerializer, Immutable, Alias("pass-reply")]
public sealed record PassReply(
    [property: Id(0)] string Silo,
    [property: Id(1)] Guid Session,
    [property: Id(2)] int Step,
    [property: Id(3)] int[] Parts,
    [property: Id(4)] PassResult? Result,
    [property: Id(5)] string? Problem);
