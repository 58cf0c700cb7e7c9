using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// A read-only transaction at the isolation level repeatable read, on a connection of its own: all its statements see what the first one saw. The server
/// ends it when nothing is asked for a while.
/// </summary>
internal sealed class PostgresSnapshot : ICustomerSnapshot
{
    /// <summary>How long a reader may take between two pages; only the server notices that a silo is gone.</summary>
    private const string BeginSql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = '2min'";

    private readonly PostgresDatabase _database;
    private readonly ReaderSession _session;

    private PostgresSnapshot(PostgresDatabase database, ReaderSession session, SegmentTotals totals)
    {
        _database = database;
        _session = session;
        Totals = totals;
    }

    public SegmentTotals Totals { get; }

    /// <exception cref="StoreException">Thrown when the database cannot be read.</exception>
    public static async Task<PostgresSnapshot> TakeAsync(PostgresDatabase database, CancellationToken cancellationToken)
    {
        ReaderSession session = await database.OpenSessionAsync(cancellationToken);
        try
        {
            await session.Connection.RunAsync(BeginSql, [], cancellationToken);
            return new PostgresSnapshot(database, session, await TotalsReader.ReadAsync(session.Connection));
        }
        catch (Exception failure)
        {
            await session.DisposeAsync();
            if (PostgresProblem.IsExpected(failure))
            {
                throw database.Failure(failure);
            }

            throw;
        }
    }

    public ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection => CustomerPages.MembersAsync(connection, segmentId, afterId, limit, cancellationToken));

    public ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken) =>
        ReadAsync(connection => CustomerPages.ScanAsync(connection, afterId, limit, cancellationToken));

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private async ValueTask<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read)
    {
        try
        {
            return await read(_session.Connection);
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            throw _database.Failure(failure);
        }
    }
}
