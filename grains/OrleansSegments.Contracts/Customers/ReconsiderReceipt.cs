using Orleans;

namespace OrleansSegments.Contracts.Customers;

/// <summary>What the evaluation came to.</summary>
[GenerateSerializer, Immutable, Alias("reconsider-receipt")]
public readonly record struct ReconsiderReceipt([property: Id(0)] RecordStatus Status, [property: Id(1)] bool Moved);
