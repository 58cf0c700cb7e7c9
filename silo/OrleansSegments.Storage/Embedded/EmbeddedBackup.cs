using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>A backup's manifest, stored beside its files as <see cref="EmbeddedBackup.ManifestFile"/>.</summary>
/// <param name="Format">Version of this record; a newer program may write a higher one.</param>
/// <param name="Product">Version of the program that made the backup.</param>
/// <param name="Contents">Key figures of the contents, from the describing function. A restored store must have the same.</param>
public sealed record BackupManifest(int Format, string Product, DateTimeOffset MadeAt, JsonObject Contents, IReadOnlyList<BackupFile> Files)
{
    public long Bytes => Files.Sum(file => file.Bytes);
}

/// <summary>One file of a backup.</summary>
/// <param name="Name">Path relative to the backup's folder, with slashes.</param>
public sealed record BackupFile(string Name, long Bytes, string Sha256);

/// <summary>Reports the progress of moving a store.</summary>
/// <param name="unit">The unit of the counts.</param>
public delegate void MoveProgress(string unit, long done, long total);

/// <summary>
/// Makes and restores backups of the embedded store: folders with a consistent set of files and a manifest. A backup and a restored folder
/// are built beside their destination under a name ending in <see cref="PartialSuffix"/>, synced, and renamed, so that under their final
/// names they are complete or absent.
/// </summary>
/// <param name="describe">Returns key figures of a store's contents; called for every copy.</param>
/// <param name="time">The real clock, even when the store runs on a replayed one.</param>
public sealed class EmbeddedBackup(Func<IStore, Task<JsonObject>> describe, MoveProgress progress, TimeProvider time)
{
    public const string ManifestFile = DataFolder.BackupFile;

    public const string PartialSuffix = ".partial";

    /// <summary>Marks a folder that is being filled.</summary>
    private const string PartialMark = "partial.lock";

    private const int Format = 1;
    private const int BufferBytes = 1024 * 1024;

    /// <summary>Enough to read a store once; a serving store has larger caches.</summary>
    private const long MemoryBytesOfChecks = 256L * 1024 * 1024;

    private const string TakeAnother = "Restore another backup.";

    private static readonly string Product =
        typeof(EmbeddedBackup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>
    /// Copies a consistent state of the store while it accepts changes. Table files are immutable and are hard-linked instead of copied
    /// when the backup is on the same file system: it then takes space only for what the store rewrites later, but is lost with that disk.
    /// </summary>
    /// <param name="target">A new or empty folder.</param>
    /// <exception cref="StoreException">Thrown when the target is not empty or cannot be written; it is then removed again.</exception>
    public Task<BackupManifest> MakeAsync(EmbeddedStore store, string target, CancellationToken cancellationToken) =>
        StageAsync(target, async partial =>
        {
            await Task.Run(() => store.Checkpoint(partial), cancellationToken);
            JsonObject contents = await DescribeAsync(partial, cancellationToken);
            string[] names = [DataFolder.FormatFile, .. DatabaseFiles(partial)];
            long total = names.Sum(name => new FileInfo(Path.Combine(partial, name)).Length);
            var files = new List<BackupFile>();
            foreach (string name in names)
            {
                await using FileStream file = File.OpenRead(Path.Combine(partial, name));
                files.Add(await ReadAsync(name, file, Stream.Null, files.Sum(f => f.Bytes), total, cancellationToken));
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }

            var manifest = new BackupManifest(Format, Product, time.GetUtcNow(), contents, files);
            await using FileStream written = File.Create(Path.Combine(partial, ManifestFile));
            await JsonSerializer.SerializeAsync(written, manifest, Json, cancellationToken);
            written.Flush(flushToDisk: true);
            return manifest;
        });

    /// <summary>
    /// Restores a backup to a data folder. Checks every file against the manifest, and the restored store's contents against its key
    /// figures.
    /// </summary>
    /// <param name="target">A new or empty folder.</param>
    /// <exception cref="StoreException">Thrown when the backup is damaged or incomplete, or the target is not empty; the target is then
    /// removed again.</exception>
    public async Task<BackupManifest> RestoreAsync(string backup, string target, CancellationToken cancellationToken)
    {
        string source = Path.GetFullPath(backup);
        BackupManifest manifest = ReadManifest(source);
        return await StageAsync(target, async partial =>
        {
            Directory.CreateDirectory(Path.Combine(partial, DataFolder.DatabaseFolder));
            long done = 0;
            foreach (BackupFile file in manifest.Files)
            {
                await CopyAsync(source, partial, file, done, manifest.Bytes, cancellationToken);
                done += file.Bytes;
            }

            JsonObject contents = await DescribeAsync(partial, cancellationToken);
            return contents.ToJsonString() == manifest.Contents.ToJsonString()
                ? manifest
                : throw new StoreException($"{source} restores to {contents.ToJsonString()}, but its {ManifestFile} says {manifest.Contents.ToJsonString()}. {TakeAnother}");
        });
    }

    private static BackupManifest ReadManifest(string source)
    {
        string path = Path.Combine(source, ManifestFile);
        try
        {
            BackupManifest manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), Json) ?? throw new JsonException("It is empty.");
            return manifest.Format > Format
                ? throw new StoreException($"{path} has format {manifest.Format}; this program knows formats up to {Format}. Restore it with the newer program, {manifest.Product}.")
                : manifest.Files.All(file => IsOurs(file.Name)) ? manifest
                : throw new StoreException($"{path} names files that no data folder has. {TakeAnother}");
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StoreException($"{source} is no backup: it has no {ManifestFile}. Name a folder that ./segments backup made.", missing);
        }
        catch (JsonException damage)
        {
            throw new StoreException($"{path} is damaged: {damage.Message} {TakeAnother}", damage);
        }
    }

    private static bool IsOurs(string name) =>
        name == DataFolder.FormatFile || (name.StartsWith($"{DataFolder.DatabaseFolder}/", StringComparison.Ordinal) && name.IndexOfAny(['/', '\\'], DataFolder.DatabaseFolder.Length + 1) < 0);

    /// <summary>Excludes the lock file and RocksDB's informational LOG files.</summary>
    private static IEnumerable<string> DatabaseFiles(string folder) =>
        from name in Directory.GetFiles(Path.Combine(folder, DataFolder.DatabaseFolder)).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        where name != "LOCK" && !name.StartsWith("LOG", StringComparison.Ordinal)
        select $"{DataFolder.DatabaseFolder}/{name}";

    private async Task CopyAsync(string source, string target, BackupFile expected, long before, long total, CancellationToken cancellationToken)
    {
        string path = Path.Combine(source, expected.Name);
        if (!File.Exists(path))
        {
            throw new StoreException($"{source} is incomplete: {expected.Name} is missing. {TakeAnother}");
        }

        await using FileStream from = File.OpenRead(path);
        await using FileStream to = File.Create(Path.Combine(target, expected.Name));
        BackupFile found = await ReadAsync(expected.Name, from, to, before, total, cancellationToken);
        if (found != expected)
        {
            throw new StoreException(
                $"{path} is damaged: it has {found.Bytes} bytes and the hash {found.Sha256}, and {ManifestFile} says {expected.Bytes} and {expected.Sha256}. {TakeAnother}");
        }

        to.Flush(flushToDisk: true);
    }

    private async Task<BackupFile> ReadAsync(string name, FileStream from, Stream to, long before, long total, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        long bytes = 0;
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            bytes += read;
            progress("bytes", before + bytes, total);
        }

        return new BackupFile(name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Opens the copy as a start would, because a backup that cannot be opened is useless.</summary>
    private async Task<JsonObject> DescribeAsync(string folder, CancellationToken cancellationToken)
    {
        var options = new EmbeddedStoreOptions { Folder = folder, MemoryBytes = MemoryBytesOfChecks };
        await using EmbeddedStore copy = await EmbeddedStore.OpenAsync(options, time, NullLogger.Instance, cancellationToken);
        return await describe(copy);
    }

    private static async Task<BackupManifest> StageAsync(string folder, Func<string, Task<BackupManifest>> fill)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string partial = target + PartialSuffix;
        RequireEmpty(target);
        try
        {
            using FileStream held = Begin(partial);
            try
            {
                BackupManifest manifest = await fill(partial);
                DataFolder.RemoveLock(partial);
                File.Delete(held.Name);
                FolderSync.Sync(Path.Combine(partial, DataFolder.DatabaseFolder));
                FolderSync.Sync(partial);
                if (Directory.Exists(target))
                {
                    Directory.Delete(target);
                }

                Directory.Move(partial, target);
                FolderSync.Sync(Path.GetDirectoryName(target)!);
                return manifest;
            }
            catch
            {
                if (Directory.Exists(partial))
                {
                    Directory.Delete(partial, recursive: true);
                }

                throw;
            }
        }
        catch (Exception failure) when (failure is not StoreException && StoreFiles.IsOfDisk(failure))
        {
            throw new StoreException($"{target} cannot be made: {failure.Message} Check the disk and the permissions there, or name another folder.", failure);
        }
    }

    /// <summary>
    /// Creates the folder to be filled, removes what a killed process left in it, and keeps others out while the returned file is open.
    /// </summary>
    private static FileStream Begin(string partial)
    {
        string mark = Path.Combine(partial, PartialMark);
        if (Directory.Exists(partial) && !File.Exists(mark) && !File.Exists(Path.Combine(partial, DataFolder.FormatFile)))
        {
            throw new StoreException($"{partial} already exists and was not made by a backup or restore: move it, or name another folder.");
        }

        Directory.CreateDirectory(partial);
        FileStream held;
        try
        {
            held = new FileStream(mark, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException problem)
        {
            throw new StoreException($"{partial} cannot be filled: {problem.Message} If another process fills it, wait for that, or name another folder.", problem);
        }

        foreach (string left in Directory.GetDirectories(partial))
        {
            Directory.Delete(left, recursive: true);
        }

        File.Delete(Path.Combine(partial, ManifestFile));
        return held;
    }

    private static void RequireEmpty(string target)
    {
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            if (File.Exists(Path.Combine(target, DataFolder.LockFile)))
            {
                DataFolder.Open(target).Dispose();
            }

            throw new StoreException($"{target} is not empty: name a new folder.");
        }
    }
}
