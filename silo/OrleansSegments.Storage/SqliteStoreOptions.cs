using System.ComponentModel.DataAnnotations;
using OrleansSegments.Storage.Commits;

namespace OrleansSegments.Storage;

/// <summary>Where the embedded store keeps its files, and how much it may hold in memory.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>The data folder. It is created when it is missing, and belongs to one process at a time.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Folder { get; set; } = "data";

    /// <summary>The most changes in one commit.</summary>
    [Range(1, 65_536)]
    public int CommitChangesMax { get; set; } = 8_192;

    /// <summary>The most bytes of states and ids in one commit; one larger change still commits, alone.</summary>
    [Range(4_096, 256 * 1024 * 1024)]
    public int CommitBytesMax { get; set; } = 8 * 1024 * 1024;

    /// <summary>How far apart commits begin at least, while changes come several at a time, so that they are written together.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The most changes that wait for a commit; above it a change is refused as overloaded.</summary>
    [Range(1, 10_000_000)]
    public int ChangesWaitingMax { get; set; } = 100_000;

    /// <summary>The most bytes that wait for a commit; above it a change is refused as overloaded.</summary>
    [Range(4_096, 8L * 1024 * 1024 * 1024)]
    public long BytesWaitingMax { get; set; } = 128L * 1024 * 1024;

    /// <summary>A merge of the journal into the tables starts when this many customers stand only in the journal.</summary>
    [Range(1, 10_000_000)]
    public int MergeCustomers { get; set; } = 2_000_000;

    /// <summary>A merge starts when this many changes stand only in the journal: a start has to look at each of them.</summary>
    [Range(1, 1_000_000_000)]
    public int MergeChanges { get; set; } = 3_000_000;

    /// <summary>A merge starts at the latest when this time has passed since the previous one and anything is unmerged.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan MergeInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The most customers that may stand only in the journal, those not counted that the running merge has written; above it commits go at
    /// the pace of the merge. Memory holds at most twice as many, at 110 bytes each, until the merge ends.
    /// </summary>
    [Range(1, 20_000_000)]
    public int UnmergedCustomersMax { get; set; } = 5_000_000;

    /// <summary>The same limit in bytes of the journal; at half of it a merge starts.</summary>
    [Range(4_096, 256L * 1024 * 1024 * 1024)]
    public long UnmergedBytesMax { get; set; } = 6L * 1024 * 1024 * 1024;

    /// <summary>Bytes after which the journal goes on in another file.</summary>
    [Range(65_536, 1024 * 1024 * 1024)]
    public int JournalFileBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>Customers whose version is kept in memory, at 16 to 32 bytes each; beyond it the memory starts afresh and the files are asked.</summary>
    [Range(1_024, 200_000_000)]
    public int VersionsRememberedMax { get; set; } = 16_000_000;

    /// <summary>Connections that read side by side.</summary>
    [Range(1, 64)]
    public int ReadConnectionsMax { get; set; } = 4;

    /// <summary>SQLite's page cache of the connection that merges, bytes.</summary>
    [Range(1024 * 1024, 4L * 1024 * 1024 * 1024)]
    public long MergeCacheBytes { get; set; } = 48L * 1024 * 1024;

    /// <summary>SQLite's page cache of each connection that reads, bytes.</summary>
    [Range(1024 * 1024, 4L * 1024 * 1024 * 1024)]
    public long ReadCacheBytes { get; set; } = 4L * 1024 * 1024;

    /// <summary>How long closing may take to commit what waits and to merge; nothing is lost when it is not enough.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal CommitLimits CommitLimits => new(CommitChangesMax, CommitBytesMax, ChangesWaitingMax, BytesWaitingMax, CommitInterval);
}
