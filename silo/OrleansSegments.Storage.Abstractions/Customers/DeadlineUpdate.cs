namespace OrleansSegments.Storage.Customers;

/// <summary>A new deadline for a customer whose record stays as it is (a new model moves deadlines without moving customers).</summary>
/// <param name="Version">The record the deadline was computed from; a customer that has moved on keeps its own newer deadline.</param>
public readonly record struct DeadlineUpdate(string CustomerId, long Version, long? DueAtMilliseconds);
