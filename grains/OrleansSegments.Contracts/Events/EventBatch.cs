using Orleans;

namespace OrleansSegments.Contracts.Events;

/// <summary>Events in any order, of any customers. A batch may be sent again whole, any number of times.</summary>
[GenerateSerializer, Immutable, Alias("event-batch")]
public sealed record EventBatch([property: Id(0)] CustomerEvent[] Events);
