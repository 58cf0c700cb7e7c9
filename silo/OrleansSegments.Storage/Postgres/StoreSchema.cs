using Npgsql;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres;

/// <summary>
/// Migrates a schema from its version to the newest, one numbered script and transaction at a time, under a lock on which any number of
/// silos that start together wait.
/// </summary>
internal static class StoreSchema
{
    private const int ServerVersionMin = 15;
    private const string TakeLock = "SELECT pg_advisory_xact_lock(hashtextextended('OrleansSegments migration ' || current_setting('search_path'), 0))";

    // Within one snapshot every stored transition has a transaction id below the snapshot's end. If not, the rows were copied from another
    // server with higher ids, and the base must compensate for the difference.
    private const string RaiseBase =
        """
        UPDATE store_settings SET sequence_base = stored.highest - running.next + 1
        FROM (SELECT max(sequence) >> 16 AS highest FROM transitions) stored,
             (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) running
        WHERE stored.highest >= sequence_base + running.next
        """;

    private static readonly string[] Scripts = ["0001-customers.sql", "0002-cluster.sql", "0003-messages.sql", "0004-traits.sql"];

    /// <exception cref="StoreException">Thrown when a newer program wrote the schema, or the server is too old.</exception>
    public static async Task PrepareAsync(NpgsqlConnection connection, PostgresDatabase database, CancellationToken cancellationToken)
    {
        if (connection.PostgreSqlVersion.Major < ServerVersionMin)
        {
            throw new StoreException(
                $"PostgreSQL at {database.Where} is version {connection.PostgreSqlVersion}; the store needs {ServerVersionMin} or later. Upgrade the server.");
        }

        while (!await IsNewestAsync(connection, database, cancellationToken))
        {
        }
    }

    private static async Task<bool> IsNewestAsync(NpgsqlConnection connection, PostgresDatabase database, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.RunAsync(TakeLock, [], cancellationToken);

        // Check first, so that a user without the right to create a schema can use an existing one.
        if (await connection.AskAsync("SELECT to_regnamespace($1)::oid", [database.Schema], cancellationToken) is null)
        {
            await connection.RunAsync($"CREATE SCHEMA {database.Schema}", [], cancellationToken);
        }

        if (await connection.AskAsync("SELECT to_regclass($1)::oid", [$"{database.Schema}.schema_versions"], cancellationToken) is null)
        {
            await connection.RunAsync("CREATE TABLE schema_versions(version int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())", [], cancellationToken);
        }

        var version = (int)(await connection.AskAsync("SELECT coalesce(max(version), 0) FROM schema_versions", [], cancellationToken))!;
        if (version > Scripts.Length)
        {
            throw new StoreException(
                $"The store at {database.Where} has schema version {version}; this program knows versions up to {Scripts.Length}. "
                + "Run the newer program, or restore a copy from before the upgrade.");
        }

        if (version == Scripts.Length)
        {
            await connection.RunAsync(RaiseBase, [], cancellationToken);
        }
        else
        {
            using var script = new StreamReader(typeof(StoreSchema).Assembly.GetManifestResourceStream($"Postgres.{Scripts[version]}")!);
            await connection.RunAsync(await script.ReadToEndAsync(cancellationToken), [], cancellationToken);
            await connection.RunAsync("INSERT INTO schema_versions(version) VALUES ($1)", [version + 1], cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return version == Scripts.Length;
    }
}
