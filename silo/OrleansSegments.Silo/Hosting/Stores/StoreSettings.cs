using System.ComponentModel.DataAnnotations;
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

/// <summary>Which kind of store a silo opens.</summary>
internal sealed class StoreSelectionOptions
{
    public const string Embedded = "embedded";
    public const string Postgresql = "postgresql";

    /// <summary>Where customers are kept: embedded (files in a data folder) or postgresql (a schema of a database).</summary>
    [RegularExpression($"{Embedded}|{Postgresql}", ErrorMessage = $"The field {{0}} must be {Embedded} or {Postgresql}.")]
    public string Provider { get; set; } = Embedded;
}

/// <summary>What a command line says about the store; where it is silent the configuration decides.</summary>
/// <param name="Provider">embedded or postgresql; null to leave it to <c>Store:Provider</c>.</param>
/// <param name="ConnectionString">Of the database; null to leave it to <c>Store:ConnectionString</c>.</param>
/// <param name="Folder">The data folder that was named; null for <paramref name="OwnFolder"/>.</param>
/// <param name="OwnFolder">The command's own folder below <see cref="DataFolder.DefaultRoot"/>.</param>
/// <param name="Start">Whether the command goes on with what is stored.</param>
internal sealed record StoreArguments(string? Provider, string? ConnectionString, string? Folder, string OwnFolder, StoreStart Start)
{
    /// <summary>The embedded store in a folder, as it is.</summary>
    public static StoreArguments InFolder(string folder) => new(StoreSelectionOptions.Embedded, null, folder, "segments", StoreStart.AsItIs);
}

/// <summary>What a command expects of the store that it opens.</summary>
internal enum StoreStart
{
    /// <summary>Whatever is there.</summary>
    AsItIs,

    /// <summary>Nothing: the command's own folder is cleared; anything else must be empty.</summary>
    FromNothing,

    /// <summary>Nothing, unless a data folder was named: that is gone on with.</summary>
    FromNothingUnlessFolderNamed,
}
