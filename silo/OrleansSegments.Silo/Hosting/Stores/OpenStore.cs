using OrleansSegments.Storage;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.Hosting;

/// <summary>An open store, with its name for messages.</summary>
/// <param name="Name">The data folder, or the database and schema; never a password.</param>
/// <param name="ServeOptions">Command-line options that serve the same store.</param>
/// <param name="NewFolder">The data folder if this process created it; otherwise null.</param>
/// <param name="BackupFolder">Destination of backups of a data folder; null for a database.</param>
internal sealed record OpenStore(IStore Store, string Name, string ServeOptions, string? NewFolder = null, string? BackupFolder = null)
{
    /// <summary>Opens the store selected by the command line and the configuration.</summary>
    /// <param name="cluster">The cluster whose silos share it; null for a single silo.</param>
    public static Task<OpenStore> OpenAsync(
        IConfiguration configuration, StoreArguments arguments, string? cluster, ILoggerFactory logs, CancellationToken cancellationToken) =>
        cluster is not null || StoreSettings.IsPostgresql(new SettingsReader(configuration), arguments)
            ? OpenPostgresAsync(configuration, arguments, cluster, logs, cancellationToken)
            : OpenEmbeddedAsync(configuration, arguments, logs, cancellationToken);

    /// <summary>Closes the store, and deletes a folder that this process created if nothing was stored in it.</summary>
    public async ValueTask CloseAndDiscardIfEmptyAsync()
    {
        bool isEmpty = Store.Customers.Totals.Population == 0;
        await Store.DisposeAsync();
        if (isEmpty && NewFolder is not null)
        {
            EmbeddedStore.Delete(NewFolder);
        }
    }

    private static async Task<OpenStore> OpenEmbeddedAsync(
        IConfiguration configuration, StoreArguments arguments, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        if (arguments.ConnectionString is not null)
        {
            throw new CommandException("--connection names a database and the store is embedded. Add --store postgresql, or leave it out.");
        }

        bool isFromNothing = arguments.Start == StoreStart.FromNothing
            || (arguments.Start == StoreStart.FromNothingUnlessFolderNamed && arguments.Folder is null);
        string folder = isFromNothing
            ? DataFolder.Fresh(arguments.Folder, arguments.OwnFolder)
            : DataFolder.Choose(arguments.Folder, arguments.OwnFolder);
        EmbeddedStoreOptions options = StoreSettings.ReadEmbedded(new SettingsReader(configuration), folder);
        bool isNew = !Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any();
        EmbeddedStore store = await EmbeddedStore.OpenAsync(options, TimeProvider.System, logs.CreateLogger<EmbeddedStore>(), cancellationToken);
        string backups = options.BackupFolder.Length > 0 ? Path.GetFullPath(options.BackupFolder) : $"{Path.TrimEndingDirectorySeparator(folder)}-backups";
        return new OpenStore(store, folder, $"--data {ShellText.Quote(folder)}", isNew ? folder : null, backups);
    }

    private static async Task<OpenStore> OpenPostgresAsync(
        IConfiguration configuration, StoreArguments arguments, string? cluster, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        if (arguments.Folder is not null)
        {
            throw new CommandException($"--data {arguments.Folder} names a folder and the store is postgresql. Add --store embedded, or leave it out.");
        }

        PostgresStoreOptions options = StoreSettings.ReadPostgres(new SettingsReader(configuration), arguments);
        PostgresStore store = await PostgresStore.OpenAsync(
            options, cluster, TimeProvider.System, logs.CreateLogger<PostgresStore>(), cancellationToken);
        long population = store.Customers.Totals.Population;
        if (population == 0 || arguments.Start == StoreStart.AsItIs)
        {
            return new OpenStore(store, $"PostgreSQL at {store.Where}", "--store postgresql and the same --connection");
        }

        await store.DisposeAsync();
        throw new CommandException(
            $"PostgreSQL at {store.Where} holds {population:N0} customers and this command starts from nothing. Name another schema in Store__Schema, "
            + $"drop this one (DROP SCHEMA {options.Schema} CASCADE), or serve it with: ./segments up --store postgresql");
    }
}
