using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Sqlite;
using SQLitePCL;

namespace OrleansSegments.Storage.Folder;

/// <summary>The data folder and the lock on it: one process at a time, for as long as this object lives.</summary>
internal sealed class DataFolder : IDisposable
{
    public const string LegacyJournalFile = "journal.db";
    public const string CustomersFile = "customers.db";
    public const string ControlFile = "control.db";
    public const string LockFile = "store.lock";

    // Beside the lock and not in it: on Unix nobody else may open a file that is locked this way.
    private const string HolderFile = "store.holder";

    // Small pages cost more per byte appended and merged; 16 KiB was the best of 4, 8 and 16 (129,000 against 98,000 merged rows/s at 4).
    private const string PageSize = "PRAGMA page_size=16384";

    // What an I/O failure's HResult says on Unix and on Windows.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int DiskFull = unchecked((int)0x80070070);

    private readonly FileStream _lock;
    private readonly ILogger _logger;

    private DataFolder(string path, FileStream folderLock, ILogger logger)
    {
        Path = path;
        _lock = folderLock;
        _logger = logger;
    }

    public string Path { get; }

    /// <exception cref="StoreException">The folder cannot be made, written, or belongs to another process.</exception>
    public static DataFolder Open(string folder, ILogger? logger = null)
    {
        var path = System.IO.Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"The data folder {path} cannot be created: {failure.Message} Name a folder that this user may write.", failure);
        }

        return new DataFolder(path, Lock(path), logger ?? NullLogger.Instance);
    }

    public string FileOf(string name) => System.IO.Path.Combine(Path, name);

    public bool Has(string name) => File.Exists(FileOf(name));

    /// <summary>Opens a file for writing and migrates its schema.</summary>
    /// <exception cref="StoreException">The file is damaged, newer than this program, or cannot be written.</exception>
    public SqliteDatabase OpenFile(string name, IReadOnlyList<string> migrations, string settings)
    {
        SqliteDatabase? database = null;
        try
        {
            database = SqliteDatabase.Open(FileOf(name));
            database.Execute(PageSize);
            database.Execute(settings);
            SchemaMigration.Apply(database, migrations, _logger);
            return database;
        }
        catch (SqliteFailure failure)
        {
            database?.Dispose();
            throw new StoreException(Explain(name, failure), failure);
        }
        catch
        {
            database?.Dispose();
            throw;
        }
    }

    /// <summary>What failed and what to do about it.</summary>
    public string Explain(string name, SqliteFailure failure)
    {
        var cure = (failure.Code & 0xff) switch
        {
            raw.SQLITE_FULL => $"Free space on the disk that holds {Path}; the next change tries again.",
            raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT => $"The file is damaged or is not a store's: restore {Path} from a copy, or move it away to start empty.",
            raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH => $"Give this user the right to write {Path} and the files in it.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "Another program holds the file open: close it.",
            _ => $"Look at the disk that holds {Path}; the next change tries again.",
        };
        return $"{FileOf(name)} cannot be used: {failure.Message}. {cure}";
    }

    /// <summary>Why the journal could not be written and what to do about it.</summary>
    public string ExplainJournal(Exception failure)
    {
        var cure = failure switch
        {
            UnauthorizedAccessException => $"Give this user the right to write {Path} and the files in it.",
            IOException { HResult: NoSpace or QuotaExceeded or DiskFull } => $"Free space on the disk that holds {Path}; the next change tries again.",
            _ => $"Look at the disk that holds {Path}; the next change tries again.",
        };
        return $"The journal cannot be written: {failure.Message} {cure}";
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        FileStream? held = null;
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(System.IO.Path.Combine(path, HolderFile), Environment.ProcessId.ToString());
            return held;
        }
        catch (UnauthorizedAccessException failure)
        {
            held?.Dispose();
            throw new StoreException($"The data folder {path} cannot be written: {failure.Message} Give this user the right to write it.", failure);
        }
        catch (IOException failure)
        {
            var isOurs = held is not null;
            held?.Dispose();
            throw new StoreException(
                !isOurs && Holder(path) is { } holder
                    ? $"The data folder {path} is in use by process {holder}. Stop that process, or name another folder."
                    : $"The data folder {path} cannot be locked: {failure.Message} Give this user the right to write it, or name another folder.",
                failure);
        }
    }

    private static string? Holder(string path)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(path, HolderFile)) is { Length: > 0 } holder ? holder : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
