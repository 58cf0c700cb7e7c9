using System.Globalization;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// An open RocksDB database: its column families and their options. Any thread may read; writes are single synced batches.
/// </summary>
internal sealed class Database : IDisposable
{
    private const int FilterBitsPerKey = 10;

    /// <summary>kTwoLevelIndexSearch of RocksDB.</summary>
    private const int TwoLevelIndex = 2;

    private const double MemtableFilterShare = 0.05;
    private const int WriteBuffersMax = 4;
    private const int FilesUntilCompaction = 8;
    private const int FilesUntilDelay = 24;
    private const int FilesUntilStop = 40;
    private const int BackgroundJobsMax = 8;
    private const nuint LogsRecycled = 4;
    private const ulong FileBytes = 64 * 1024 * 1024;
    private const ulong SyncEveryBytes = 1024 * 1024;
    private const ulong InfoLogBytesMax = 4 * 1024 * 1024;
    private const ulong InfoLogsKept = 4;

    /// <summary>What RocksDB says on a file system such as tmpfs.</summary>
    private const string DirectUnsupported = "Direct I/O is not supported";

    private const string TraitsName = "traits";

    private static readonly WriteOptions Synced = new WriteOptions().SetSync(true);

    private readonly RocksDb _rocks;

    private Database(RocksDb rocks)
    {
        _rocks = rocks;
        Customers = rocks.GetColumnFamily("customers");
        Deadlines = rocks.GetColumnFamily("deadlines");
        Members = rocks.GetColumnFamily("members");
        Transitions = rocks.GetColumnFamily("transitions");
        Documents = rocks.GetColumnFamily("documents");
        Messages = rocks.GetColumnFamily("messages");
        Traits = rocks.GetColumnFamily(TraitsName);
    }

    /// <summary>Customer id to <see cref="CustomerRow"/> and state.</summary>
    public ColumnFamilyHandle Customers { get; }

    /// <summary><see cref="CustomerRow.Listed"/> and customer id; no values.</summary>
    public ColumnFamilyHandle Deadlines { get; }

    /// <summary>Segment and customer id; no values.</summary>
    public ColumnFamilyHandle Members { get; }

    /// <summary>Sequence to <see cref="TransitionRow"/> and customer id. Only appended to.</summary>
    public ColumnFamilyHandle Transitions { get; }

    /// <summary>Kind and key to version and content.</summary>
    public ColumnFamilyHandle Documents { get; }

    /// <summary>The <see cref="MessageRow"/>s of busy customers.</summary>
    public ColumnFamilyHandle Messages { get; }

    /// <summary><see cref="Keys.Trait"/> of the customers that have one of the indexed traits; no values.</summary>
    public ColumnFamilyHandle Traits { get; }

    /// <summary>RocksDB's sequence number: counts all writes, which are durable once counted.</summary>
    public ulong Sequence => _rocks.GetLatestSequenceNumber();

    /// <param name="mustExist">Fails instead of creating an empty database.</param>
    /// <exception cref="RocksDbException">Thrown when a file cannot be used; the message names it.</exception>
    public static Database Open(string folder, bool mustExist, RocksSizes sizes, Cache cache)
    {
        try
        {
            return new Database(RocksDb.Open(Options(mustExist, sizes, isDirect: true), folder, Families(sizes, cache)));
        }
        catch (RocksDbException exception) when (exception.Message.Contains(DirectUnsupported, StringComparison.OrdinalIgnoreCase))
        {
            return new Database(RocksDb.Open(Options(mustExist, sizes, isDirect: false), folder, Families(sizes, cache)));
        }
    }

    /// <summary>
    /// Reads the folder as <see cref="Open"/> would, including logs and without changing it, and returns its <see cref="Sequence"/>.
    /// </summary>
    /// <exception cref="RocksDbException">Thrown when a file cannot be used; the message names it.</exception>
    public static ulong SequenceIn(string folder, RocksSizes sizes, Cache cache)
    {
        var options = Options(mustExist: true, sizes, isDirect: false);

        // A folder from before customers were found by traits gets that family when it is opened for writing.
        var hasTraits = !RocksDb.TryListColumnFamilies(options, folder, out var families) || families.Contains(TraitsName);
        using var rocks = RocksDb.OpenReadOnly(options, folder, Families(sizes, cache, hasTraits), false);
        return rocks.GetLatestSequenceNumber();
    }

    public void Write(WriteBatch batch) => _rocks.Write(batch, Synced);

    public byte[]? Find(ReadOnlySpan<byte> key, ColumnFamilyHandle? family, ReadOptions? options = null) => _rocks.Get(key, family, options);

    public T? Find<T>(ReadOnlySpan<byte> key, ColumnFamilyHandle family, ISpanDeserializer<T> reader, ReadOptions? options = null) =>
        _rocks.Get(key, reader, family, options);

    public KeyValuePair<byte[], byte[]?>[] FindMany(byte[][] keys, ColumnFamilyHandle family) =>
        _rocks.MultiGet(keys, [.. Enumerable.Repeat(family, keys.Length)])!;

    public Cursor Scan(ColumnFamilyHandle family, ReadOptions options) => new(_rocks.NewIterator(family, options));

    public Snapshot Snapshot() => _rocks.CreateSnapshot();

    /// <summary>A numeric RocksDB property.</summary>
    public long Property(string name) => long.Parse(
        _rocks.GetProperty(name) ?? throw new ArgumentException($"RocksDB has no property {name}.", nameof(name)), CultureInfo.InvariantCulture);

    /// <summary>Flushes all memtables. Not needed for durability: their contents are in the write-ahead log.</summary>
    public void Flush()
    {
        var options = new FlushOptions().SetWaitForFlush(true);
        foreach (var family in (ColumnFamilyHandle[])[Customers, Deadlines, Members, Transitions, Documents, Messages, Traits])
        {
            Native.Instance.rocksdb_flush_cf(_rocks.Handle, options.Handle, family.Handle);
        }
    }

    /// <summary>
    /// Creates a checkpoint while commits go on; immutable files are hard-linked instead of copied where the file system allows it.
    /// </summary>
    /// <param name="folder">Must not exist, and its parent must.</param>
    public void Copy(string folder)
    {
        using var checkpoint = _rocks.Checkpoint();
        checkpoint.Save(folder, logSizeForFlush: 0);
    }

    public void Dispose() => _rocks.Dispose();

    private static ColumnFamilies Families(RocksSizes sizes, Cache cache, bool hasTraits = true)
    {
        var table = new BlockBasedTableOptions()
            .SetBlockCache(cache)
            .SetCacheIndexAndFilterBlocks(true)
            .SetPinL0FilterAndIndexBlocksInCache(true)
            .SetFilterPolicy(BloomFilterPolicy.Create(FilterBitsPerKey, false));

        // A file holds millions of message ids, and its filter in one block is larger than a shard of the cache: every look-up read megabytes (400 us, not 9).
        Native.Instance.rocksdb_block_based_options_set_index_type(table.Handle, TwoLevelIndex);
        Native.Instance.rocksdb_block_based_options_set_partition_filters(table.Handle, 1);
        ColumnFamilyOptions Family(long writeBufferBytes, Compression compression) => new ColumnFamilyOptions()
            .SetBlockBasedTableFactory(table)
            .SetCompression(compression)
            .SetWriteBufferSize((ulong)writeBufferBytes)
            .SetMaxWriteBufferNumber(WriteBuffersMax)
            .SetLevel0FileNumCompactionTrigger(FilesUntilCompaction)
            .SetLevel0SlowdownWritesTrigger(FilesUntilDelay)
            .SetLevel0StopWritesTrigger(FilesUntilStop)
            .SetMaxBytesForLevelBase((ulong)(FilesUntilCompaction * writeBufferBytes))
            .SetTargetFileSizeBase(FileBytes);
        var index = Family(sizes.IndexWriteBufferBytes, Compression.Lz4);
        var messages = Family(sizes.IndexWriteBufferBytes, Compression.Lz4).SetMemtablePrefixBloomSizeRatio(MemtableFilterShare);

        // Nearly every look-up is for a message that does not exist.
        Native.Instance.rocksdb_options_set_memtable_whole_key_filtering(messages.Handle, 1);
        var families = new ColumnFamilies(index)
        {
            // States hardly compress; compression gained nothing.
            { "customers", Family(sizes.WriteBufferBytes, Compression.No) },
            { "deadlines", index },
            { "members", index },
            { "transitions", index },
            { "documents", index },
            { "messages", messages },
        };
        if (hasTraits)
        {
            families.Add(TraitsName, index);
        }

        return families;
    }

    /// <param name="isDirect">
    /// Flushes and compactions pass by the page cache. Through it a compaction's hundreds of megabytes push everything else out, and the log's next sync waits
    /// for their writing: commits took a third longer, and up to a second.
    /// </param>
    private static DbOptions Options(bool mustExist, RocksSizes sizes, bool isDirect)
    {
        var options = new DbOptions()
            .SetCreateIfMissing(!mustExist)
            .SetCreateMissingColumnFamilies()
            .SetDbWriteBufferSize((ulong)sizes.WriteBuffersBytesMax)
            .SetMaxTotalWalSize((ulong)sizes.LogBytesMax)
            .SetBytesPerSync(SyncEveryBytes)
            .SetInfoLogLevel(InfoLogLevel.Warn)
            .SetMaxLogFileSize(InfoLogBytesMax)
            .SetKeepLogFileNum(InfoLogsKept)
            .SetStatsDumpPeriodSec(0);
        var native = Native.Instance;

        // Recovered changes stay in memtables, so that a start takes only as long as reading the log.
        native.rocksdb_options_set_avoid_flush_during_recovery(options.Handle, 1);

        // Detect at the start when a log file is missing or shorter than was synced, instead of taking it for the end of the log.
        native.rocksdb_options_set_track_and_verify_wals_in_manifest(options.Handle, 1);

        // After a failed write the store itself reopens the files; RocksDB's own recovery would interfere.
        native.rocksdb_options_set_max_bgerror_resume_count(options.Handle, 0);

        native.rocksdb_options_set_use_direct_io_for_flush_and_compaction(options.Handle, isDirect ? (byte)1 : (byte)0);

        // A recycled log has its pages in memory and keeps its size: a commit, and its sync, take a sixth less time.
        native.rocksdb_options_set_recycle_log_file_num(options.Handle, LogsRecycled);
        native.rocksdb_options_set_max_background_jobs(options.Handle, Math.Clamp(Environment.ProcessorCount, 2, BackgroundJobsMax));
        return options;
    }
}

/// <summary>Iterates over a column family in key order. The spans are valid until the next step.</summary>
internal sealed class Cursor(Iterator iterator) : IDisposable
{
    private bool _hasBegun;

    public ReadOnlySpan<byte> Key => iterator.GetKeySpan();

    public ReadOnlySpan<byte> Value => iterator.GetValueSpan();

    /// <summary>Positions the cursor so that <see cref="MoveNext"/> moves to the first key that is not less.</summary>
    public Cursor From(ReadOnlySpan<byte> key)
    {
        iterator.Seek(key);
        return this;
    }

    /// <summary>Positions the cursor so that <see cref="MoveBack"/> moves to the last key that is not greater.</summary>
    public Cursor UpTo(ReadOnlySpan<byte> key)
    {
        iterator.SeekForPrev(key);
        return this;
    }

    /// <summary>Positions the cursor so that <see cref="MoveNext"/> moves to the last key.</summary>
    public Cursor FromLast()
    {
        iterator.SeekToLast();
        return this;
    }

    /// <exception cref="RocksDbException">Thrown when a block cannot be read; without this check it would look like the end.</exception>
    public bool MoveNext()
    {
        if (_hasBegun)
        {
            iterator.Next();
        }

        return HasArrived();
    }

    /// <inheritdoc cref="MoveNext"/>
    public bool MoveBack()
    {
        if (_hasBegun)
        {
            iterator.Prev();
        }

        return HasArrived();
    }

    public void Dispose() => iterator.Dispose();

    private bool HasArrived()
    {
        _hasBegun = true;
        if (iterator.Valid())
        {
            return true;
        }

        Native.Instance.rocksdb_iter_get_error(iterator.Handle);
        return false;
    }
}

/// <summary>Read options by their use of the block cache.</summary>
internal static class ReadSetup
{
    public static ReadOptions Plain { get; } = new();

    /// <summary>For full scans, which must not evict frequently used blocks.</summary>
    public static ReadOptions Passing { get; } = new ReadOptions().SetFillCache(false);

    /// <summary>Consistent reads from a snapshot.</summary>
    public static ReadOptions Of(Snapshot snapshot) => new ReadOptions().SetSnapshot(snapshot);
}
