using System.Globalization;
using OrleansSegments.Storage.Customers;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>The data folder and its lock: one process at a time, for the lifetime of this object.</summary>
internal sealed class DataFolder : IDisposable
{
    public const string LockFile = "store.lock";

    /// <summary>Written last when a folder is created; its presence means that the database was once complete.</summary>
    public const string FormatFile = "store.format";

    public const string MarkFile = "store.acknowledged";

    public const string DatabaseFolder = "rocksdb";

    /// <summary>Distinguishes a backup from a data folder.</summary>
    public const string BackupFile = "backup.json";

    private const int Format = 2;

    // A separate file, because on Unix no other process can open a file that is locked this way.
    private const string HolderFile = "store.holder";
    private const string ProbeFile = "store.probe";
    private const int ProbeBytes = 1024 * 1024;

    // HResult codes of I/O failures on Unix and Windows.
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int DiskFull = unchecked((int)0x80070070);

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream folderLock)
    {
        Path = path;
        _lock = folderLock;
    }

    public string Path { get; }

    public string DatabasePath => FileOf(DatabaseFolder);

    /// <summary>True when the folder contains a data folder or a restored one.</summary>
    public static bool IsIn(string folder) => File.Exists(System.IO.Path.Combine(folder, LockFile)) || File.Exists(System.IO.Path.Combine(folder, FormatFile));

    /// <exception cref="StoreException">Thrown when the folder cannot be created or written, or is in use by another process.</exception>
    public static DataFolder Open(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        if (File.Exists(System.IO.Path.Combine(path, BackupFile)))
        {
            throw new StoreException($"{path} is a backup, and serving it would change it. Make a data folder of it: ./segments restore --from {path} --data DIR");
        }

        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                $"The data folder {path} cannot be created: {failure.Message} Name a folder that this user may write.", failure);
        }

        return new DataFolder(path, Lock(path));
    }

    /// <summary>Deletes the files that belong to the process that had the folder open.</summary>
    public static void RemoveLock(string folder)
    {
        foreach (var name in (string[])[LockFile, HolderFile, MarkFile])
        {
            File.Delete(System.IO.Path.Combine(folder, name));
        }
    }

    public string FileOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>True when the folder contains a database that was once complete.</summary>
    /// <exception cref="StoreException">Thrown when a newer program wrote it or the format file is damaged.</exception>
    public bool ReadFormat()
    {
        var file = FileOf(FormatFile);
        if (!File.Exists(file))
        {
            return false;
        }

        var text = File.ReadAllText(file).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var format) || format < 1)
        {
            throw new StoreException($"{file} is damaged or is not a store's: restore {Path} from a copy, or move it away to start empty.");
        }

        return format switch
        {
            Format => true,
            < Format => throw new StoreException(
                $"{file} says format {format}, which was never released; this program reads format {Format}. Move {Path} away and import again."),
            _ => throw new StoreException(
                $"{file} says format {format}; this program knows formats up to {Format}. Run the newer program, or restore a copy from before the upgrade."),
        };
    }

    public static void WriteFormat(string folder) =>
        File.WriteAllText(System.IO.Path.Combine(folder, FormatFile), Format.ToString(CultureInfo.InvariantCulture) + "\n");

    /// <summary>Checks that the disk accepts writes, so that a database that can still be read is not closed in vain.</summary>
    /// <exception cref="IOException">Thrown when it does not.</exception>
    public void Probe()
    {
        var file = FileOf(ProbeFile);
        try
        {
            using var probe = new FileStream(file, FileMode.Create, FileAccess.Write);
            probe.Write(new byte[ProbeBytes]);
            probe.Flush(flushToDisk: true);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Describes a failure and its cure.</summary>
    public string Explain(Exception failure)
    {
        var cure = failure switch
        {
            StoreException => null,
            IOException { HResult: NoSpace or QuotaExceeded or DiskFull } => FreeSpace,
            UnauthorizedAccessException => RightToWrite,
            _ when Says("No space left") || Says("Disk quota") => FreeSpace,
            _ when Says("Permission denied") || Says("Read-only file system") => RightToWrite,
            RocksDbException when Says("Corruption") || Says("does not exist") || Says("No such file") => Damaged,
            _ => $"Look at the disk that holds {Path}; the next change tries again.",
        };
        return cure is null ? failure.Message : $"The store in {Path} cannot be used: {failure.Message.TrimEnd('.')}. {cure}";

        bool Says(string words) => failure.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    public string ExplainDamage(string what) => $"The store in {Path} cannot be used: {what}. {Damaged}";

    public void Dispose() => _lock.Dispose();

    private string FreeSpace => $"Free space on the disk that holds {Path}; the next change tries again.";

    private string RightToWrite => $"Give this user the right to write {Path} and the files in it.";

    private string Damaged => $"A file is damaged or missing: restore {Path} from a copy, or move it away to start empty.";

    private static FileStream Lock(string path)
    {
        FileStream? held = null;
        try
        {
            held = new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(System.IO.Path.Combine(path, HolderFile), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
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
