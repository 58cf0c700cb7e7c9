namespace OrleansSegments.ClientApi.Backups;

/// <summary>Backs the store of this process up. The host registers one where the store is a data folder.</summary>
public interface IStoreBackup
{
    /// <param name="name">Of a new folder below the one for backups; null to have one made of the time.</param>
    /// <exception cref="IOException">It cannot be written; the message says what, why and the cure.</exception>
    Task<BackupOutcome> MakeAsync(string? name, CancellationToken cancellationToken);
}

/// <summary>A backup; or what stands in its way, and the cure.</summary>
public sealed record BackupOutcome(BackupReport? Report, string? Conflict = null);

/// <summary>A backup that was made or restored.</summary>
/// <param name="Path">Where the process that made it sees it.</param>
public sealed record BackupReport(string Path, DateTimeOffset MadeAt, string Product, int Files, long Bytes, StoreContents Contents);

/// <summary>What a store holds, in numbers by which two stores are compared.</summary>
/// <param name="Segments">Those that have customers; their sizes add up to the customers.</param>
/// <param name="LastTransition">The sequence of the newest change of segment.</param>
/// <param name="ModelVersion">The published model's; 0 before the first training.</param>
/// <param name="CatalogueHash">Of the feature catalogue that the model was trained with; null before the first training.</param>
public sealed record StoreContents(long Customers, StoredSegment[] Segments, long LastTransition, int ModelVersion, string? CatalogueHash);

public sealed record StoredSegment(string Id, string? Name, long Size);
