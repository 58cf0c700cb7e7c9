using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Embedded;

/// <summary>The embedded store: owns one data folder, its lock, and the RocksDB database with customers and documents.</summary>
public sealed class EmbeddedStore : IStore
{
    /// <summary>A commit takes this long only when the disk hangs. Closing goes on waiting for it: the log must not say that the process ended well.</summary>
    private static readonly TimeSpan CloseWarningAfter = TimeSpan.FromSeconds(10);

    private readonly StoreContext _context;
    private readonly StoreFiles _files;
    private readonly CommitQueue _queue;
    private readonly CommitLoop _commits;
    private readonly WriteStalls _stalls;
    private readonly Lock _closing = new();
    private Task? _closed;

    private EmbeddedStore(StoreContext context, StoreFiles files, StoreMemory memory, TimeProvider time)
    {
        _context = context;
        _files = files;
        var waiting = new WaitingWork(context.Options.CommitLimits);
        _queue = new CommitQueue(context.Options.CommitLimits, waiting);
        _commits = new CommitLoop(_queue, files, memory, context);
        _stalls = new WriteStalls(files, waiting, time);
        Customers = new EmbeddedCustomerStore(files, memory, _queue, _stalls, context, DisposeAsync);
        Control = new EmbeddedControlStore(files, _queue, context);
    }

    /// <summary>The customers. Disposing of this closes the whole store.</summary>
    public ICustomerStore Customers { get; }

    public IControlStateStore Control { get; }

    /// <summary>A folder has one process.</summary>
    public bool HasOtherSilos => false;

    /// <summary>Opens the data folder, creates what is missing, and replays the write-ahead log.</summary>
    /// <param name="time">Controls how often write stalls are checked.</param>
    /// <exception cref="StoreException">Thrown when the folder or a file cannot be used; the message says what, why and the
    /// cure.</exception>
    public static Task<EmbeddedStore> OpenAsync(
        EmbeddedStoreOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken) =>
        OpenAsync(options, time, logger, static _ => { }, cancellationToken);

    internal static Task<EmbeddedStore> OpenAsync(
        EmbeddedStoreOptions options, TimeProvider time, ILogger logger, FaultPoint fault, CancellationToken cancellationToken) =>
        Task.Run(() => Open(options, time, logger, fault), cancellationToken);

    /// <summary>True when the folder contains a store.</summary>
    public static bool IsIn(string folder) => DataFolder.IsIn(folder);

    /// <summary>Deletes a data folder with everything in it, unless a process has it open.</summary>
    /// <exception cref="StoreException">Thrown when the folder is in use; nothing is deleted.</exception>
    public static void Delete(string folder)
    {
        using (DataFolder.Open(folder))
        {
            // Opened only to ensure that no running process uses the files.
        }

        Directory.Delete(folder, recursive: true);
    }

    public ValueTask<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken) =>
        new(Task.Run(() => _files.Read(TotalsCheck.Compare, cancellationToken), cancellationToken));

    /// <summary>Commits queued work within a time limit. Not needed for what is already durable.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_closing)
        {
            _closed ??= Task.Run(Close);
            return new ValueTask(_closed);
        }
    }

    /// <summary>Flushes the memtables to table files.</summary>
    internal void Flush() => _files.Read(
        static (database, _) =>
        {
            database.Flush();
            return true;
        },
        0);

    /// <summary>The documents of all kinds, for moving the store.</summary>
    internal IReadOnlyList<ControlDocument> ReadDocuments() => _files.Read(static (database, _) => EmbeddedControlStore.ReadEverything(database), 0);

    /// <summary>A page of <see cref="Keys.Message"/> keys with their last minutes, starting at a key.</summary>
    internal IReadOnlyList<(byte[] Key, uint UntilMinutes)> ReadMessages(byte[] from, int limit) => _files.Read(
        static (database, ask) =>
        {
            var page = new List<(byte[], uint)>();
            using var rows = database.Scan(database.Messages, ReadSetup.Passing).From(ask.From);
            while (page.Count < ask.Limit && rows.MoveNext())
            {
                page.Add((rows.Key.ToArray(), BinaryPrimitives.ReadUInt32LittleEndian(rows.Value)));
            }

            return page;
        },
        (From: from, Limit: limit));

    /// <summary>A page of <see cref="Keys.Trait"/> keys, starting at a key.</summary>
    internal IReadOnlyList<byte[]> ReadTraits(byte[] from, int limit) => _files.Read(
        static (database, ask) =>
        {
            var page = new List<byte[]>();
            using var rows = database.Scan(database.Traits, ReadSetup.Passing).From(ask.From);
            while (page.Count < ask.Limit && rows.MoveNext())
            {
                page.Add(rows.Key.ToArray());
            }

            return page;
        },
        (From: from, Limit: limit));

    /// <summary>The newest day with messages that expire; 0 for none.</summary>
    internal uint NewestMessageDay() => _files.Read(
        static (database, _) => MessageRow.Days(database).Where(day => day < MessageRow.ForeverDay).DefaultIfEmpty().Max(), 0);

    /// <summary>Writes a checkpoint of the database to a folder without one, while commits go on.</summary>
    internal void Checkpoint(string folder)
    {
        _files.Read(
            static (database, target) =>
            {
                database.Copy(target);
                return true;
            },
            Path.Combine(folder, DataFolder.DatabaseFolder));
        DataFolder.WriteFormat(folder);
    }

    private static EmbeddedStore Open(EmbeddedStoreOptions options, TimeProvider time, ILogger logger, FaultPoint fault)
    {
        var folder = DataFolder.Open(options.Folder);
        StoreFiles? files = null;
        try
        {
            var memoryBytes = options.MemoryBytes > 0 ? options.MemoryBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            var sizes = RocksSizes.For(memoryBytes);
            files = StoreFiles.Open(folder, sizes);
            var memory = new StoreMemory(sizes);
            if (files.Read(static (database, memory) => memory.Load(database), memory) is { } contradiction)
            {
                throw new StoreException(folder.ExplainDamage(contradiction));
            }

            var store = new EmbeddedStore(new StoreContext(options, folder, new StoreCondition(), fault, logger), files, memory, time);
            store._commits.Start();
            logger.LogInformation("Store {Folder} is open: {Population} customers", folder.Path, memory.Totals.Current.Population);
            return store;
        }
        catch
        {
            files?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    private void Close()
    {
        _queue.Close();
        while (!_commits.Join(CloseWarningAfter))
        {
            _context.Logger.LogWarning("Closing waits for a commit that takes longer than {Timeout}", CloseWarningAfter);
        }

        _stalls.Dispose();
        _commits.Dispose();
        _files.Dispose();
        _context.Folder.Dispose();
        _context.Logger.LogInformation("Store {Folder} is closed", _context.Folder.Path);
    }
}
