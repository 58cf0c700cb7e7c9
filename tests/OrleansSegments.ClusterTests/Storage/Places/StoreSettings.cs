namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>The limits that both kinds of store have, under the same names; null leaves the default.</summary>
internal sealed record StoreSettings
{
    public int? CommitChangesMax { get; init; }

    public int? CommitBytesMax { get; init; }

    public int? ChangesWaitingMax { get; init; }

    public long? BytesWaitingMax { get; init; }

    /// <summary>Where the kind has any.</summary>
    public int? CommitLanes { get; init; }
}
