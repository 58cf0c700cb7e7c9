using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.Grains.Events;

/// <summary>One customer's share of a batch.</summary>
internal readonly record struct CustomerFacts(string CustomerId, RecordRequest Request);
