namespace OrleansSegments.Storage.Customers;

/// <summary>A customer whose segment the passing of time is due to change.</summary>
public readonly record struct DueCustomer(string CustomerId, long Version, long DueAtMilliseconds);
