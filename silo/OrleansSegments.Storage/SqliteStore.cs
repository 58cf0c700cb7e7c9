using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Folder;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage;

/// <summary>
/// The embedded store: owns one data folder, its lock, and the files in it: <c>journal-*.log</c> (commits, appended and synced),
/// <c>customers.db</c> (tables that the journal is merged into) and <c>control.db</c> (documents).
/// </summary>
public sealed class SqliteStore : IStore
{
    private readonly CustomerFiles _files;
    private readonly SqliteControlStateStore _control;
    private readonly StoreContext _context;
    private readonly Lock _closing = new();
    private Task? _closed;

    private SqliteStore(CustomerFiles files, SqliteControlStateStore control, StoreContext context)
    {
        _files = files;
        _control = control;
        _context = context;
        Customers = new SqliteCustomerStore(files.Unmerged, files.Queue, files.Reads, context, DisposeAsync);
    }

    /// <summary>The customers. Disposing of them closes the whole store.</summary>
    public ICustomerStore Customers { get; }

    /// <summary>The documents of control grains and settings.</summary>
    public IControlStateStore Control => _control;

    /// <summary>Opens the data folder, creating or migrating what is needed, and takes back what only the journal holds.</summary>
    /// <param name="time">Rules the interval of merges.</param>
    /// <exception cref="StoreException">The folder or a file cannot be used: the message says what, why and the cure.</exception>
    public static Task<SqliteStore> OpenAsync(
        SqliteStoreOptions options, TimeProvider time, ILogger logger, CancellationToken cancellationToken) =>
        OpenAsync(options, time, logger, static _ => { }, cancellationToken);

    internal static Task<SqliteStore> OpenAsync(
        SqliteStoreOptions options, TimeProvider time, ILogger logger, FaultPoint fault, CancellationToken cancellationToken) =>
        Task.Run(() => Open(options, time, logger, fault), cancellationToken);

    /// <summary>Deletes a data folder with all that is in it, unless a process has it open.</summary>
    /// <exception cref="StoreException">The folder belongs to a process; nothing is deleted.</exception>
    public static void Delete(string folder)
    {
        using (DataFolder.Open(folder))
        {
            // Opened only to be sure that no running process loses its files.
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Merges, recounts every row and compares with the totals; the differences in words, none when all is well. Reads the whole index.</summary>
    public async ValueTask<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken)
    {
        await MergeAsync();
        return await _files.Reads.ReadAsync(TotalsCheck.Compare, _files.Memory, cancellationToken);
    }

    /// <summary>Commits what waits and merges, both for a bounded time. Nothing depends on it: what is durable stays durable.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_closing)
        {
            _closed ??= Task.Run(Close);
            return new ValueTask(_closed);
        }
    }

    /// <summary>Moves all that was committed before the call into the tables; false when that failed.</summary>
    internal Task<bool> MergeAsync() => Task.Run(_files.Merges.MergeAll);

    private static SqliteStore Open(SqliteStoreOptions options, TimeProvider time, ILogger logger, FaultPoint fault)
    {
        var folder = DataFolder.Open(options.Folder, logger);
        CustomerFiles? files = null;
        try
        {
            var context = new StoreContext(options, folder, new StoreCondition(), fault, time, logger);
            files = CustomerFiles.Open(context);
            var store = new SqliteStore(files, SqliteControlStateStore.Open(folder), context);
            files.Start();
            logger.LogInformation(
                "Store {Folder} is open: {Population} customers, {Unmerged} of them unmerged",
                folder.Path,
                files.Memory.Totals.Current.Population,
                files.Memory.Unmerged.View.Count);
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
        _files.Close();
        _control.Dispose();
        _context.Folder.Dispose();
        _context.Logger.LogInformation("Store {Folder} is closed", _context.Folder.Path);
    }
}
