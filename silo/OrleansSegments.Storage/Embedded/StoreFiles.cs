using System.Buffers.Binary;
using OrleansSegments.Storage.Customers;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// The database of one folder. Any thread reads; only the commit thread writes. After a failed write it closes and reopens the database:
/// RocksDB refuses further writes, and only reading shows what of the failed write reached the disk.
/// </summary>
internal sealed class StoreFiles : IDisposable
{
    private readonly ReaderWriterLockSlim _use = new();
    private readonly DataFolder _folder;
    private readonly RocksSizes _sizes;
    private readonly Cache _cache;
    private readonly AcknowledgedMark _mark;
    private Database? _database;

    private StoreFiles(DataFolder folder, RocksSizes sizes)
    {
        _folder = folder;
        _sizes = sizes;
        _cache = Cache.CreateLru((ulong)sizes.BlockCacheBytes);
        _mark = new AcknowledgedMark(folder.FileOf(DataFolder.MarkFile));
    }

    /// <exception cref="StoreException">Thrown when a file cannot be used, was written by a newer program, or acknowledged changes are
    /// missing.</exception>
    public static StoreFiles Open(DataFolder folder, RocksSizes sizes)
    {
        var isComplete = folder.ReadFormat();
        StoreFiles? files = null;
        try
        {
            files = new StoreFiles(folder, sizes);
            files.OpenDatabase(mustExist: isComplete);
            if (!isComplete)
            {
                DataFolder.WriteFormat(folder.Path);
            }

            return files;
        }
        catch (Exception failure)
        {
            files?.Dispose();
            if (IsOfDisk(failure))
            {
                throw new StoreException(folder.Explain(failure), failure);
            }

            throw;
        }
    }

    /// <summary>True when a failure comes from the disk, not from a bug.</summary>
    public static bool IsOfDisk(Exception failure) => failure is RocksDbException or IOException or UnauthorizedAccessException;

    /// <exception cref="StoreException">Thrown when the store is closed or a file cannot be read.</exception>
    public T Read<TAsk, T>(Func<Database, TAsk, T> read, TAsk ask)
    {
        _use.EnterReadLock();
        try
        {
            return read(_database ?? throw new StoreException($"The store in {_folder.Path} is closed, or waits for its disk."), ask);
        }
        catch (RocksDbException failure)
        {
            throw new StoreException(_folder.Explain(failure), failure);
        }
        finally
        {
            _use.ExitReadLock();
        }
    }

    /// <summary>For the commit thread: while it runs, nobody else closes the database.</summary>
    public Database ForCommits => _database ?? throw new StoreException($"The store in {_folder.Path} waits for its disk.");

    /// <summary>Makes a batch durable atomically. For the commit thread.</summary>
    public void Write(WriteBatch batch)
    {
        var database = ForCommits;
        database.Write(batch);
        _mark.Set(database.Sequence);
    }

    /// <summary>Reopens the database; readers wait for it. For the commit thread.</summary>
    public void Reopen()
    {
        _folder.Probe();
        _use.EnterWriteLock();
        try
        {
            _database?.Dispose();
            _database = null;
            OpenDatabase(mustExist: true);
        }
        finally
        {
            _use.ExitWriteLock();
        }
    }

    /// <summary>Waits for readers and closes the database. There must be no more writes.</summary>
    public void Dispose()
    {
        _use.EnterWriteLock();
        try
        {
            _database?.Dispose();
            _database = null;
        }
        finally
        {
            _use.ExitWriteLock();
        }

        _mark.Dispose();
    }

    // RocksDB deletes logs after reading them, including everything after a damaged record; so it is opened for writing only when nothing
    // is missing.
    private void OpenDatabase(bool mustExist)
    {
        var found = mustExist && _mark.Sequence > 0 ? Database.SequenceIn(_folder.DatabasePath, _sizes, _cache) : _mark.Sequence;
        if (found < _mark.Sequence)
        {
            throw new StoreException(
                $"{_folder.DatabasePath} lacks acknowledged changes: it ends at {found} and was at {_mark.Sequence}. A log in it is damaged or missing: "
                + $"restore {_folder.Path} from a copy, or delete {_folder.FileOf(DataFolder.MarkFile)} to go on without them.");
        }

        _database = Database.Open(_folder.DatabasePath, mustExist, _sizes, _cache);
    }
}

/// <summary>
/// The database's sequence when callers were last told, in a small separate file. RocksDB takes damage in its newest log for the torn end
/// of an unacknowledged write and opens without it; this file distinguishes the two. It is not synced: after a power cut it may hold a
/// lower number, never a higher one, because it is written after the commit is durable.
/// </summary>
internal sealed class AcknowledgedMark : IDisposable
{
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    private readonly byte[] _bytes = new byte[sizeof(ulong)];

    public AcknowledgedMark(string path)
    {
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        if (RandomAccess.Read(_file, _bytes, fileOffset: 0) == _bytes.Length)
        {
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(_bytes);
        }
    }

    public ulong Sequence { get; private set; }

    public void Set(ulong sequence)
    {
        Sequence = sequence;
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes, sequence);
        RandomAccess.Write(_file, _bytes, fileOffset: 0);
    }

    public void Dispose() => _file.Dispose();
}

/// <summary>
/// Memory limits of the store's parts, in proportion to what the process may use. None grows with the number of customers.
/// </summary>
/// <param name="BlockCacheBytes">Blocks read from files, with their indexes and filters; the operating system caches files in
/// addition.</param>
/// <param name="WriteBufferBytes">Size of one memtable of the customers.</param>
/// <param name="RecentRowsMax">Customers whose version and segment the commit thread caches, at <see cref="RecentRows.BytesEach"/>
/// each.</param>
internal sealed record RocksSizes(long BlockCacheBytes, long WriteBufferBytes, int RecentRowsMax)
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>Size of one memtable of an index or the log, which receive a tenth of the writes.</summary>
    public long IndexWriteBufferBytes => WriteBufferBytes / 4;

    /// <summary>Total size of all active memtables.</summary>
    public long WriteBuffersBytesMax => 3 * WriteBufferBytes;

    /// <summary>Beyond it memtables are flushed so that the oldest log can be deleted; a start reads the remaining logs.</summary>
    public long LogBytesMax => 4 * WriteBufferBytes;

    /// <param name="memoryBytes">What the process may use: of 24 GiB the parts get at most 384, 192 and 384 MiB, of 2 GiB 32, 24 and
    /// 32.</param>
    public static RocksSizes For(long memoryBytes) => new(
        Math.Clamp(memoryBytes / 64, 16 * Mebibyte, 512 * Mebibyte),
        Math.Clamp(memoryBytes / 256, 4 * Mebibyte, 64 * Mebibyte),
        (int)(Math.Clamp(memoryBytes / 64, Mebibyte / 8, 512 * Mebibyte) / RecentRows.BytesEach));
}
