namespace OrleansSegments.Storage.Customers;

/// <summary>A customer as a scan returns it.</summary>
public readonly record struct StoredCustomer(string CustomerId, CustomerRecord Record);
