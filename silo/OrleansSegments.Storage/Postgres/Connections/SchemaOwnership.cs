using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Connections;

/// <summary>
/// A session that holds the lock on the schema for as long as the store is open: alone, or together with the other silos of a cluster. The
/// lock keeps people from starting two silos on one schema by mistake; that no two writers both win is the version's doing, not the lock's.
/// A silo of a cluster also holds a lock of the cluster's name, taken first: whoever shares the schema without that one is of another cluster.
/// </summary>
/// <param name="cluster">The cluster whose silos share the schema; null for a silo alone.</param>
internal sealed class SchemaOwnership(PostgresDatabase database, string? cluster) : IDisposable
{
    private const string Key = "hashtextextended('OrleansSegments ownership ' || current_setting('search_path'), 0)";

    private const string Holder =
        $"""
        SELECT pid, concat('a session of ', application_name, ' from ', coalesce(host(client_addr), 'the server itself'), ', process ', pid, ' of the server')
        FROM pg_locks JOIN pg_stat_activity USING (pid), (SELECT {Key} AS value) key
        WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = (key.value >> 32 & 4294967295)::oid AND objid = (key.value & 4294967295)::oid
        LIMIT 1
        """;

    private const string ClusterKey = "hashtextextended('OrleansSegments cluster ' || $1 || ' ' || current_setting('search_path'), 0)";

    // Both keys may be held by any number of sessions; a session of another cluster holds the first without the second.
    private const string Stranger =
        $"""
        WITH held AS (
            SELECT pid, classid::bigint << 32 | objid::bigint AS key FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        SELECT pid FROM held WHERE key = {Key} AND pid NOT IN (SELECT pid FROM held WHERE key = {ClusterKey}) LIMIT 1
        """;

    /// <summary>How long to wait for the end of this silo's own former session.</summary>
    private const long PatienceMilliseconds = 5_000;

    private const int AttemptsMax = 10;

    private static readonly string TryTake = $"SELECT pg_try_advisory_lock({Key})";
    private static readonly string TryTakeShared = $"SELECT pg_try_advisory_lock_shared({Key})";

    private NpgsqlConnection? _session;
    private int _formerSession;

    /// <summary>The session that owns the schema; also used to prepare it.</summary>
    public NpgsqlConnection Session => _session ?? throw new InvalidOperationException("The schema is not owned.");

    /// <summary>Takes the lock.</summary>
    /// <exception cref="StoreException">Somebody else holds it.</exception>
    /// <exception cref="IOException">A former session of this silo still holds it.</exception>
    public void Take()
    {
        var session = database.Open();
        try
        {
            if (cluster is not null)
            {
                session.Run($"SELECT pg_advisory_lock_shared({ClusterKey})", cluster);
            }

            if (!IsTaken(session))
            {
                throw new StoreException(
                    $"PostgreSQL at {database.Where} is in use by {Describe(session)}. Stop the silo that it belongs to, or name another schema in Store:Schema.");
            }

            if (cluster is not null && session.Ask(Stranger, cluster) is int stranger)
            {
                throw new StoreException(
                    $"PostgreSQL at {database.Where} is in use by another cluster than {cluster} (process {stranger} of the server). "
                    + "Give all silos the same Cluster:Id, or name another schema in Store:Schema.");
            }

            _session = session;
            _formerSession = session.ProcessID;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Looks whether the session still stands and takes the lock anew if it does not.</summary>
    /// <exception cref="StoreException">Somebody else has taken it meanwhile.</exception>
    public void Keep()
    {
        try
        {
            // Whoever else uses the session may have found it broken, and then it is closed.
            if (_session is { FullState: System.Data.ConnectionState.Open } session)
            {
                session.Run("SELECT 1");
                return;
            }
        }
        catch (Exception failure) when (PostgresProblem.IsExpected(failure))
        {
            // Lost, so it is taken again.
        }

        _session?.Dispose();
        _session = null;
        Take();
    }

    public void Dispose() => _session?.Dispose();

    private bool IsTaken(NpgsqlConnection session)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if ((bool)session.Ask(cluster is null ? TryTake : TryTakeShared)!)
            {
                return true;
            }

            // Without a holder whoever stood in the way let go between the two questions.
            if (session.Ask(Holder) is int holder)
            {
                if (holder != _formerSession)
                {
                    return false;
                }

                // The server has not noticed yet that our own former session is gone.
                session.Run("SELECT pg_terminate_backend($1, $2)", holder, PatienceMilliseconds);
            }
        }

        throw new IOException("This silo's former session does not end.");
    }

    private static string Describe(NpgsqlConnection session)
    {
        using var command = session.Command(Holder);
        using var row = command.ExecuteReader();
        return row.Read() ? row.GetString(1) : "another silo";
    }
}
