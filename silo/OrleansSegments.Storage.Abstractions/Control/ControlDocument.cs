namespace OrleansSegments.Storage.Control;

/// <summary>A named document and the version of it that was read.</summary>
public sealed record ControlDocument(string Kind, string Key, long Version, byte[] Content);
