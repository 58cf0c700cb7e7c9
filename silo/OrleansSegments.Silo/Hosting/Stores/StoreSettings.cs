using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Reads the store's options before the container exists: the store is opened first.</summary>
internal static class StoreSettings
{
    public const string Section = "Store";

    /// <summary>Whether a database holds the customers, and not files.</summary>
    public static bool IsPostgresql(SettingsReader reader, StoreArguments arguments) =>
        reader.Read<StoreSelectionOptions>(Section, o => o.Provider = (arguments.Provider ?? o.Provider).ToLowerInvariant()).Provider == StoreSelectionOptions.Postgresql;

    public static EmbeddedStoreOptions ReadEmbedded(SettingsReader reader, string? folder = null, bool isUsed = true) =>
        reader.Read<EmbeddedStoreOptions>(Section, o => o.Folder = folder ?? o.Folder, isUsed);

    public static PostgresStoreOptions ReadPostgres(SettingsReader reader, StoreArguments arguments, bool isUsed = true) =>
        reader.Read<PostgresStoreOptions>(Section, o => o.ConnectionString = arguments.ConnectionString ?? o.ConnectionString, isUsed);
}
