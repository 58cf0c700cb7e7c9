namespace OrleansSegments.LocalRuntime.State;

/// <summary>A stored document and its version.</summary>
public sealed record StoredGrainState(ReadOnlyMemory<byte> Json, string Etag);
