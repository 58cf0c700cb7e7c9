using Npgsql;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Postgres.Connections;

namespace OrleansSegments.Storage.Postgres.Schema;

/// <summary>
/// Brings a schema from the version it has to the newest, one numbered script and transaction at a time, under a lock that any number of
/// silos starting at once wait for.
/// </summary>
internal static class StoreSchema
{
    private const int ServerVersionMin = 15;
    private const string TakeLock = "SELECT pg_advisory_xact_lock(hashtextextended('OrleansSegments migration ' || current_setting('search_path'), 0))";

    // In one snapshot every stored transition has a transaction id below the snapshot's end. If one has not, then the rows come from another
    // server, whose ids were higher: the base makes up for them.
    private const string RaiseBase =
        """
        UPDATE store_settings SET sequence_base = stored.highest - running.next + 1
        FROM (SELECT max(sequence) >> 16 AS highest FROM transitions) stored,
             (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) running
        WHERE stored.highest >= sequence_base + running.next
        """;

    private static readonly string[] Scripts = ["0001-customers.sql", "0002-cluster.sql", "0003-messages.sql"];

    /// <exception cref="StoreException">The schema was written by a newer program, or the server is too old.</exception>
    public static void Prepare(NpgsqlConnection connection, PostgresDatabase database)
    {
        if (connection.PostgreSqlVersion.Major < ServerVersionMin)
        {
            throw new StoreException(
                $"PostgreSQL at {database.Where} is version {connection.PostgreSqlVersion}; the store needs {ServerVersionMin} or later. Upgrade the server.");
        }

        while (!IsNewest(connection, database))
        {
        }
    }

    private static bool IsNewest(NpgsqlConnection connection, PostgresDatabase database)
    {
        using var transaction = connection.BeginTransaction();
        connection.Run(TakeLock);
        CreateSchema(connection, database.Schema);
        var version = (int)connection.Ask("SELECT coalesce(max(version), 0) FROM schema_versions")!;
        if (version > Scripts.Length)
        {
            throw new StoreException(
                $"The store at {database.Where} has schema version {version}; this program knows versions up to {Scripts.Length}. "
                + "Run the newer program, or restore a copy from before the upgrade.");
        }

        if (version == Scripts.Length)
        {
            connection.Run(RaiseBase);
        }
        else
        {
            connection.Run(Read(Scripts[version]));
            connection.Run("INSERT INTO schema_versions(version) VALUES ($1)", version + 1);
        }

        transaction.Commit();
        return version == Scripts.Length;
    }

    // Asked first, so that a user who may not make schemas can use one that was made for it.
    private static void CreateSchema(NpgsqlConnection connection, string schema)
    {
        if (connection.Ask("SELECT to_regnamespace($1)::oid", schema) is null)
        {
            connection.Run($"CREATE SCHEMA {schema}");
        }

        if (connection.Ask("SELECT to_regclass($1)::oid", $"{schema}.schema_versions") is null)
        {
            connection.Run("CREATE TABLE schema_versions(version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
        }
    }

    private static string Read(string script)
    {
        using var stream = typeof(StoreSchema).Assembly.GetManifestResourceStream($"Postgres.{script}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
