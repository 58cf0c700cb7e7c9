using Orleans;

namespace OrleansSegments.Contracts.Models;

/// <summary>One quality gate of a training.</summary>
[GenerateSerializer, Immutable, Alias("gate-view")]
public sealed record GateView(
    [property: Id(0)] string Name, [property: Id(1)] double Value, [property: Id(2)] double Bound, [property: Id(3)] bool Passed, [property: Id(4)] string Sentence);
