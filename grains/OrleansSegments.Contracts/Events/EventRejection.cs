using Orleans;

namespace OrleansSegments.Contracts.Events;

/// <summary>An event that can never be accepted, and why.</summary>
/// <param name="Index">Its place in the batch, from 0.</param>
[GenerateSerializer, Immutable, Alias("event-rejection")]
public sealed record EventRejection([property: Id(0)] int Index, [property: Id(1)] string Code, [property: Id(2)] string Message);
