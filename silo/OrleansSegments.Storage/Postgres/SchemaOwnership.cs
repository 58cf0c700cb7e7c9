using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// A session that holds an advisory lock on the schema while the store is open: exclusively, or shared with the other silos of a cluster.
/// The lock prevents two silos from being started on one schema by mistake; conflicting writes are prevented by the version check, not by
/// the lock. A silo of a cluster first takes a lock of the cluster's name: a session that shares the schema without that lock belongs to
/// another cluster.
/// </summary>
/// <param name="cluster">The cluster whose silos share the schema; null for a single silo.</param>
internal sealed class SchemaOwnership(PostgresDatabase database, string? cluster) : IAsyncDisposable
{
    private const string Key = "hashtextextended('OrleansSegments ownership ' || current_setting('search_path'), 0)";
    private const string ClusterKey = "hashtextextended('OrleansSegments cluster ' || $1 || ' ' || current_setting('search_path'), 0)";

    private const string Held =
        """
        WITH held AS (
            SELECT pid, classid::bigint << 32 | objid::bigint AS key FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))

        """;

    private const string Holder =
        $"""
        {Held} SELECT pid, concat('a session of ', application_name, ' from ', coalesce(host(client_addr), 'the server itself'), ', process ', pid, ' of the server')
        FROM held JOIN pg_stat_activity USING (pid) WHERE key = {Key} LIMIT 1
        """;

    // Any number of sessions may hold both keys; a session of another cluster holds the first without the second.
    private const string Stranger =
        $"{Held} SELECT pid FROM held WHERE key = {Key} AND pid NOT IN (SELECT pid FROM held WHERE key = {ClusterKey}) LIMIT 1";

    private const string Companion = $"{Held} SELECT pid FROM held WHERE key = {Key} AND pid <> pg_backend_pid() LIMIT 1";

    /// <summary>How long to wait for this silo's own former session to end.</summary>
    private const long PatienceMilliseconds = 5_000;

    private const int AttemptsMax = 10;

    private NpgsqlConnection? _session;
    private int _formerSession;

    /// <summary>True when other silos of the cluster had the schema open when this one took the lock.</summary>
    public bool HasOtherSilos { get; private set; }

    /// <summary>Takes the lock.</summary>
    /// <returns>The session that owns the schema.</returns>
    /// <exception cref="StoreException">Thrown when another process holds it.</exception>
    /// <exception cref="IOException">Thrown when a former session of this silo still holds it.</exception>
    public async Task<NpgsqlConnection> TakeAsync(CancellationToken cancellationToken)
    {
        var session = await database.OpenAsync(cancellationToken);
        try
        {
            if (cluster is not null)
            {
                await session.RunAsync($"SELECT pg_advisory_lock_shared({ClusterKey})", [cluster], cancellationToken);
            }

            await LockAsync(session, cancellationToken);
            if (cluster is not null && await session.AskAsync(Stranger, [cluster], cancellationToken) is int stranger)
            {
                throw new StoreException(
                    $"PostgreSQL at {database.Where} is in use by another cluster than {cluster} (process {stranger} of the server). "
                    + "Give all silos the same Cluster:Id, or name another schema in Store:Schema.");
            }

            HasOtherSilos = cluster is not null && await session.AskAsync(Companion, [], cancellationToken) is not null;
            _formerSession = session.ProcessID;
            return _session = session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Checks that the session is alive and takes the lock again if it is not.</summary>
    /// <exception cref="StoreException">Thrown when another process has taken it meanwhile.</exception>
    public async Task KeepAsync()
    {
        try
        {
            if (_session is { FullState: System.Data.ConnectionState.Open } session)
            {
                await session.RunAsync("SELECT 1", []);
                return;
            }
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            // The session is lost; take the lock again.
        }

        await DisposeAsync();
        _session = null;
        await TakeAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _session?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task LockAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var tryLock = cluster is null ? $"SELECT pg_try_advisory_lock({Key})" : $"SELECT pg_try_advisory_lock_shared({Key})";
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (await session.AskAsync(tryLock, [], cancellationToken) is true)
            {
                return;
            }

            // If no session holds the lock any more, it was released between the two queries; retry.
            foreach (var (holder, words) in await session.ListAsync(Holder, static row => (row.GetInt32(0), row.GetString(1)), [], cancellationToken: cancellationToken))
            {
                if (holder != _formerSession)
                {
                    throw new StoreException(
                        $"PostgreSQL at {database.Where} is in use by {words}. Stop the silo that it belongs to, or name another schema in Store:Schema.");
                }

                // The server has not yet noticed that our own former session is gone.
                await session.RunAsync("SELECT pg_terminate_backend($1, $2)", [holder, PatienceMilliseconds], cancellationToken);
            }
        }

        throw new IOException("This silo's former session does not end.");
    }
}
