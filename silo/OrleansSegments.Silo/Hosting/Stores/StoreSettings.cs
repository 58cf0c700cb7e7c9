using System.ComponentModel.DataAnnotations;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Reads the store's options before the DI container exists, because the store is opened first.</summary>
internal static class StoreSettings
{
    public const string Section = "Store";

    /// <summary>True when the customers are in a PostgreSQL database.</summary>
    public static bool IsPostgresql(SettingsReader reader, StoreArguments arguments) =>
        reader.Read<StoreSelectionOptions>(Section, o => o.Provider = (arguments.Provider ?? o.Provider).ToLowerInvariant()).Provider == StoreSelectionOptions.Postgresql;

    public static EmbeddedStoreOptions ReadEmbedded(SettingsReader reader, string? folder = null, bool isUsed = true) =>
        reader.Read<EmbeddedStoreOptions>(Section, o => o.Folder = folder ?? o.Folder, isUsed);

    public static PostgresStoreOptions ReadPostgres(SettingsReader reader, StoreArguments arguments, bool isUsed = true) =>
        reader.Read<PostgresStoreOptions>(Section, o => o.ConnectionString = arguments.ConnectionString ?? o.ConnectionString, isUsed);
}

/// <summary>Selects the kind of store.</summary>
internal sealed class StoreSelectionOptions
{
    public const string Embedded = "embedded";
    public const string Postgresql = "postgresql";

    /// <summary>Kind of store: embedded (files in a data folder) or postgresql (a schema of a database).</summary>
    [RegularExpression($"{Embedded}|{Postgresql}", ErrorMessage = $"The field {{0}} must be {Embedded} or {Postgresql}.")]
    public string Provider { get; set; } = Embedded;
}

/// <summary>The command line's store options; where they are absent the configuration decides.</summary>
/// <param name="Provider">embedded or postgresql; null to leave it to <c>Store:Provider</c>.</param>
/// <param name="ConnectionString">Connection to the database; null to use <c>Store:ConnectionString</c>.</param>
/// <param name="Folder">The data folder named by the user; null for <paramref name="OwnFolder"/>.</param>
/// <param name="OwnFolder">The command's own folder below <see cref="DataFolder.DefaultRoot"/>.</param>
/// <param name="Start">Whether existing data is kept.</param>
internal sealed record StoreArguments(string? Provider, string? ConnectionString, string? Folder, string OwnFolder, StoreStart Start)
{
    /// <summary>The embedded store in a folder, with its existing data.</summary>
    public static StoreArguments InFolder(string folder) => new(StoreSelectionOptions.Embedded, null, folder, "segments", StoreStart.AsItIs);
}

/// <summary>What a command expects of the store that it opens.</summary>
internal enum StoreStart
{
    /// <summary>Any contents.</summary>
    AsItIs,

    /// <summary>No contents: the command's own folder is cleared; anything else must be empty.</summary>
    FromNothing,

    /// <summary>No contents, except that an explicitly named data folder is continued.</summary>
    FromNothingUnlessFolderNamed,
}
