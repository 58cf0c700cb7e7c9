using Orleans;

namespace OrleansSegments.Contracts.Segments;

/// <summary>How many customers a segment had at a moment.</summary>
[GenerateSerializer, Immutable, Alias("size-sample")]
public readonly record struct SizeSample([property: Id(0)] DateTimeOffset At, [property: Id(1)] long Size);
