using Orleans;

namespace OrleansSegments.Contracts.Customers;

/// <summary>What became of one customer's facts.</summary>
[GenerateSerializer, Immutable, Alias("record-receipt")]
public readonly record struct RecordReceipt(
    [property: Id(0)] RecordStatus Status, [property: Id(1)] int Applied, [property: Id(2)] int Duplicates);
