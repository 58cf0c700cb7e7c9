using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Postgres.Commits;
using OrleansSegments.Storage.Postgres.Connections;
using OrleansSegments.Storage.Postgres.Control;
using OrleansSegments.Storage.Postgres.Customers;
using OrleansSegments.Storage.Postgres.Schema;
using OrleansSegments.Storage.Postgres.Totals;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// The store of a cluster, or of one silo beside a database: owns a pool of connections to one schema, the commit lanes, and the watch.
/// Any number of silos may share the schema; nothing here relies on being its only writer.
/// </summary>
public sealed class PostgresStore : IStore
{
    /// <summary>Counting every row takes as long as it takes; this only ends a count that hangs.</summary>
    private const int VerifySecondsMax = 3_600;

    // Opening and closing wait for the server; a thread of the pool that waits is one that nobody else has.
    private const TaskCreationOptions OwnThread = TaskCreationOptions.LongRunning;

    private readonly PostgresContext _context;
    private readonly SchemaOwnership _ownership;
    private readonly TotalsRefresh _totals;
    private readonly DeadlineLook _deadlines;
    private readonly CommitLanes _lanes;
    private readonly StoreWatch _watch;
    private readonly ReadPool _pool;
    private readonly Lock _closing = new();
    private Task? _closed;

    private PostgresStore(PostgresContext context, SchemaOwnership ownership)
    {
        var options = context.Options;
        _context = context;
        _ownership = ownership;
        _totals = new TotalsRefresh(context.Database);
        _lanes = new CommitLanes(context, _totals);
        var messages = new MessageDays(context.Time, context.Logger);
        _deadlines = new DeadlineLook(ownership, _totals.EarliestDeadline, options.DeadlinesInterval, context.Time);
        _watch = new StoreWatch(context, _totals, _deadlines, ownership, new HorizonWatch(_totals, context.Time, context.Logger), messages);
        _pool = new ReadPool(context.Database, options.ConnectionsMax - options.CommitLanes - PostgresStoreOptions.OwnConnections);
        Customers = new PostgresCustomerStore(context, _lanes, _totals, _pool, messages, DisposeAsync);
        Control = new PostgresControlStateStore(_pool);
    }

    /// <summary>Host, port, database and schema, for messages; never the password.</summary>
    public string Where => _context.Database.Where;

    public ICustomerStore Customers { get; }

    public IControlStateStore Control { get; }

    /// <summary>Opens the schema, making or migrating what is needed.</summary>
    /// <param name="cluster">The cluster whose silos may have it open at the same time; null for a silo alone.</param>
    /// <param name="time">Rules how often totals and deadlines are read again.</param>
    /// <exception cref="StoreException">The database cannot be used, or is in use: the message says what, why and the cure.</exception>
    public static Task<PostgresStore> OpenAsync(
        PostgresStoreOptions options, string? cluster, TimeProvider time, ILogger logger, CancellationToken cancellationToken) =>
        OpenAsync(options, cluster, time, logger, static _ => { }, cancellationToken);

    internal static Task<PostgresStore> OpenAsync(
        PostgresStoreOptions options, string? cluster, TimeProvider time, ILogger logger, FaultPoint fault, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => Open(options, cluster, time, logger, fault), cancellationToken, OwnThread, TaskScheduler.Default);

    public ValueTask<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken) =>
        _pool.ReadAsync(TotalsCheck.Compare, VerifySecondsMax, cancellationToken);

    /// <summary>Commits what waits, for a bounded time, and closes all connections.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_closing)
        {
            _closed ??= Task.Factory.StartNew(Close, CancellationToken.None, OwnThread, TaskScheduler.Default);
            return new ValueTask(_closed);
        }
    }

    private static PostgresStore Open(PostgresStoreOptions options, string? cluster, TimeProvider time, ILogger logger, FaultPoint fault)
    {
        var database = new PostgresDatabase(options);
        var ownership = new SchemaOwnership(database, cluster);
        PostgresStore? store = null;
        try
        {
            ownership.Take();
            StoreSchema.Prepare(ownership.Session, database);
            var context = new PostgresContext(options, database, new PostgresCondition(options.CommitLanes), fault, time, logger);
            store = new PostgresStore(context, ownership);
            store.Start();
            return store;
        }
        catch (Exception failure)
        {
            if (store is not null)
            {
                store.Close();
            }
            else
            {
                ownership.Dispose();
                database.Dispose();
            }

            if (PostgresProblem.IsExpected(failure))
            {
                throw database.Failure(failure);
            }

            throw;
        }
    }

    private void Start()
    {
        _totals.Refresh();
        _deadlines.LookIfDue();
        _lanes.Start();
        _watch.Start();
        _context.Logger.LogInformation(
            "Store at {Where} is open: {Population} customers", _context.Database.Where, _totals.Totals.Current.Population);
    }

    private void Close()
    {
        _lanes.Close();
        _watch.Dispose();
        _pool.Dispose();
        _lanes.Dispose();
        _totals.Dispose();
        _ownership.Dispose();
        _context.Database.Dispose();
        _context.Logger.LogInformation("Store at {Where} is closed", _context.Database.Where);
    }
}
