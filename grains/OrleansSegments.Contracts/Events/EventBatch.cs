using Orleans;

namespace OrleansSegments.Contracts.Events;

/// <summary>Events in any order, of any customers. A batch may be sent again whole, any number of times.</summary>
/// <param name="IsRelayed">Whether another silo's router has sent it here, to be handed no further.</param>
[GenerateSerializer, Immutable, Alias("event-batch")]
public sealed record EventBatch([property: Id(0)] CustomerEvent[] Events, [property: Id(1)] bool IsRelayed = false);
