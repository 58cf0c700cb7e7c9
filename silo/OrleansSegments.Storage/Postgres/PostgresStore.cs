using Microsoft.Extensions.Logging;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Faults;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// The PostgreSQL store of a cluster or a single silo: owns a connection pool to one schema, the commit lanes, and the watch. Any number of
/// silos may share the schema; nothing here assumes to be its only writer.
/// </summary>
public sealed class PostgresStore : IStore
{
    private readonly PostgresContext _context;
    private readonly SchemaOwnership _ownership;
    private readonly CommitLane[] _lanes;
    private readonly StoreWatch _watch;
    private readonly Lazy<Task> _closed;

    private PostgresStore(PostgresContext context, SchemaOwnership ownership)
    {
        _context = context;
        _ownership = ownership;
        var totals = new TotalsReader(context.Database);
        var waiting = new WaitingWork(context.Options.CommitLimits);
        _lanes = [.. Enumerable.Range(0, context.Options.CommitLanes).Select(number => new CommitLane(number, waiting, totals, context))];
        var messages = new MessageDays(context);
        _watch = new StoreWatch(context, totals, ownership, messages);
        _closed = new Lazy<Task>(CloseAsync);
        Customers = new PostgresCustomerStore(context, _lanes, waiting, totals, messages, DisposeAsync);
        Control = new PostgresControlStateStore(context.Database);
    }

    /// <summary>Host, port, database and schema, for messages; never the password.</summary>
    public string Where => _context.Database.Where;

    public ICustomerStore Customers { get; }

    public IControlStateStore Control { get; }

    public bool HasOtherSilos => _ownership.HasOtherSilos;

    /// <summary>Opens the schema, creating or migrating it as needed.</summary>
    /// <param name="cluster">The cluster whose silos may open it at the same time; null for a single silo.</param>
    /// <param name="time">Controls how often totals and deadlines are read again.</param>
    /// <exception cref="StoreException">Thrown when the database cannot be used or is in use; the message says what, why and the
    /// cure.</exception>
    public static Task<PostgresStore> OpenAsync(
        PostgresStoreOptions options, string? cluster, TimeProvider time, ILogger logger, CancellationToken cancellationToken) =>
        OpenAsync(options, cluster, time, logger, static _ => { }, cancellationToken);

    internal static async Task<PostgresStore> OpenAsync(
        PostgresStoreOptions options, string? cluster, TimeProvider time, ILogger logger, FaultPoint fault, CancellationToken cancellationToken)
    {
        var context = new PostgresContext(options, new PostgresDatabase(options), new PostgresCondition(options.CommitLanes), fault, time, logger);
        var store = new PostgresStore(context, new SchemaOwnership(context.Database, cluster));
        try
        {
            await store.StartAsync(cancellationToken);
            return store;
        }
        catch (Exception failure)
        {
            await store.DisposeAsync();
            if (PostgresProblem.IsExpected(failure))
            {
                throw context.Database.Failure(failure);
            }

            throw;
        }
    }

    public ValueTask<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken) => TotalsCheck.CompareAsync(_context.Database, cancellationToken);

    /// <summary>Commits queued work within a time limit, and closes all connections.</summary>
    public ValueTask DisposeAsync() => new(_closed.Value);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await StoreSchema.PrepareAsync(await _ownership.TakeAsync(cancellationToken), _context.Database, cancellationToken);
        await _watch.StartAsync();
        await Task.WhenAll(_lanes.Select(static lane => lane.StartAsync()));
        _context.Logger.LogInformation("Store at {Where} is open: {Population} customers", _context.Database.Where, Customers.Totals.Population);
    }

    private async Task CloseAsync()
    {
        await Task.WhenAll(_lanes.Select(static lane => lane.DisposeAsync().AsTask()));
        await _watch.DisposeAsync();
        await _ownership.DisposeAsync();
        await _context.Database.DisposeAsync();
        _context.Logger.LogInformation("Store at {Where} is closed", _context.Database.Where);
    }
}
