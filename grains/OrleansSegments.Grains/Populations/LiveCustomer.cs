using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>A customer that is in memory, with its durable record.</summary>
public readonly record struct LiveCustomer(string GrainKey, CustomerRecord Record);
