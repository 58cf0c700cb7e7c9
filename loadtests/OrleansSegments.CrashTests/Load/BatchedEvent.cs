namespace OrleansSegments.CrashTests.Load;

/// <summary>One event as it stands in a batch.</summary>
/// <param name="Json">The event's JSON object in UTF-8, with a message id and a timestamp of its own.</param>
public readonly record struct BatchedEvent(string CustomerId, ReadOnlyMemory<byte> Json);
