namespace OrleansSegments.Storage.Customers;

/// <summary>A customer as the store has it.</summary>
/// <param name="DueAtMilliseconds">The deadline, Unix milliseconds; null for none, and where only the record was read.</param>
public readonly record struct StoredCustomer(string CustomerId, CustomerRecord Record, long? DueAtMilliseconds);
