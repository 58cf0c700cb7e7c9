using Npgsql;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.Hosting;

/// <summary>A cluster and the schema through which its silos find each other.</summary>
/// <param name="ConnectionString">To the schema that also holds the customers.</param>
/// <param name="Where">Host, port and schema, for messages; never the password.</param>
internal sealed record ClusterPlace(ClusterSettings Settings, string ConnectionString, string Where)
{
    /// <summary>The providers ask rarely: membership every few seconds, reminders and control state when something changes.</summary>
    private const int ConnectionsMax = 10;

    public static ClusterPlace Read(IConfiguration configuration, StoreArguments store, Action<ClusterSettings> overrule)
    {
        if (store.Folder is not null)
        {
            throw new CommandException($"--data {store.Folder} names a folder, and the silos of a cluster share a database. Name it with --connection.");
        }

        var reader = new SettingsReader(configuration);
        ClusterSettings settings = reader.Read(ClusterSettings.Section, overrule);
        PostgresStoreOptions options = StoreSettings.ReadPostgres(reader, store);
        reader.ThrowIfAny();
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            SearchPath = options.Schema,
            MaxPoolSize = ConnectionsMax,
            ApplicationName = "OrleansSegments cluster",
        };
        return new ClusterPlace(settings, connection.ConnectionString, $"{connection.Host}:{connection.Port}, schema {options.Schema}");
    }
}
