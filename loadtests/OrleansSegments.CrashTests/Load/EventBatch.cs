namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>One request body and what is in it.</summary>
internal sealed record EventBatch(ReadOnlyMemory<byte> Body, int Events, IReadOnlyDictionary<string, int> EventsByCustomer);
