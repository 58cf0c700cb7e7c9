namespace OrleansSegments.Storage.Versions;

/// <summary>What a change is checked against. Version 0 means that there is no such customer; the segment then means nothing.</summary>
internal readonly record struct CustomerVersion(long Version, int SegmentId)
{
    public static CustomerVersion Absent => default;

    public bool Exists => Version > 0;

    public int? SegmentIdOrNull => Exists ? SegmentId : null;

    /// <summary>Whether a writer that saw this version and counted the customer in this segment is up to date.</summary>
    public bool Matches(long version, int? segmentId) => Version == version && SegmentIdOrNull == segmentId;
}
