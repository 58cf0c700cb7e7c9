using OrleansSegments.Storage.Customers;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// The database of one folder. Any thread reads; the commit thread alone writes, and after a failed write closes the database and opens it
/// again: RocksDB refuses writes from then on, and what of the failed one reached the disk is only known by reading it.
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

    /// <exception cref="StoreException">A file cannot be used, was written by a newer program, or lacks acknowledged changes.</exception>
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

    /// <summary>Whether a failure comes from the disk and not from a bug.</summary>
    public static bool IsOfDisk(Exception failure) => failure is RocksDbException or IOException or UnauthorizedAccessException;

    /// <exception cref="StoreException">The store is closed, or a file cannot be read.</exception>
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

    /// <summary>For the commit thread, while which runs nobody else closes the database.</summary>
    public Database ForCommits => _database ?? throw new StoreException($"The store in {_folder.Path} waits for its disk.");

    /// <summary>Makes a batch durable as one piece. For the commit thread.</summary>
    public void Write(WriteBatch batch)
    {
        var database = ForCommits;
        database.Write(batch);
        _mark.Set(database.Sequence);
    }

    /// <summary>Opens the database again; readers wait for it. For the commit thread.</summary>
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

    /// <summary>Waits for readers and closes the database. Nothing may be written any more.</summary>
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

    // RocksDB deletes logs that it has read, and what follows a damaged place with them: it is let in only when nothing is missing.
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
