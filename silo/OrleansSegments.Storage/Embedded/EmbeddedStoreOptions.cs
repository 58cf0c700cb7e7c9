using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Embedded;

/// <summary>Where the embedded store keeps its files, and how much it may hold in memory.</summary>
public sealed class EmbeddedStoreOptions
{
    /// <summary>The data folder. It is created when it is missing, and belongs to one process at a time.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Folder { get; set; } = "data";

    /// <summary>
    /// The memory that caches and write buffers are sized for, bytes: they take at most a twenty-fifth of it and 1.2 GiB. 0 stands for what the process may use.
    /// </summary>
    [Range(0, 1L << 50)]
    public long MemoryBytes { get; set; }

    /// <summary>Where backups are made while the silo runs; when it is empty, beside the data folder, under its name and "-backups".</summary>
    public string BackupFolder { get; set; } = "";

    /// <summary>Commits begin 5 ms apart: with 2 ms a batch of events is cut into more synced writes, a quarter more processor time at 50,000 events/s for 1.5 ms less of the p50.</summary>
    internal CommitLimits CommitLimits { get; set; } = new(TimeSpan.FromMilliseconds(5));
}

/// <summary>What every part of one open store shares.</summary>
internal sealed record StoreContext(EmbeddedStoreOptions Options, DataFolder Folder, StoreCondition Condition, FaultPoint Fault, ILogger Logger);

/// <summary>How the store is doing: what made the last commit fail, and what was done so far. Written by the commit thread alone.</summary>
internal sealed class StoreCondition
{
    private string? _problem;
    private long _commits;
    private long _changesCommitted;
    private long _transitionsCommitted;

    /// <summary>What is wrong and what to do about it; null when commits succeed.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    public long Commits => Volatile.Read(ref _commits);

    public long ChangesCommitted => Volatile.Read(ref _changesCommitted);

    public long TransitionsCommitted => Volatile.Read(ref _transitionsCommitted);

    public void Committed(int changes, int transitions)
    {
        Volatile.Write(ref _problem, null);
        Volatile.Write(ref _commits, _commits + 1);
        Volatile.Write(ref _changesCommitted, _changesCommitted + changes);
        Volatile.Write(ref _transitionsCommitted, _transitionsCommitted + transitions);
    }

    public void Failed(string problem) => Volatile.Write(ref _problem, problem);
}
