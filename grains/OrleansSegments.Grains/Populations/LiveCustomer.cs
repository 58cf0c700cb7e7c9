using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Populations;

/// <summary>A customer that is in memory, with a copy of its durable record; null when that must be asked for in the store.</summary>
public readonly record struct LiveCustomer(string GrainKey, CustomerRecord? Record);
