using System.Text.Json;
using OrleansSegments.Engine.Features;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Embedded;

namespace OrleansSegments.Silo.CommandLine;

/// <summary><c>up --check</c>: says what a start with these features would do to the store, and starts nothing.</summary>
internal static class FeatureCheck
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(SiloSettings settings, bool asJson, CancellationToken cancellationToken)
    {
        FeatureCatalogue catalogue;
        try
        {
            catalogue = CatalogueFile.Load(settings.FeaturesFile);
        }
        catch (CommandException problem)
        {
            await Console.Error.WriteLineAsync($"error: {problem.Message}");
            return CommandRunner.WrongUsage;
        }

        (long customers, CatalogueHistory known, CatalogueHistory adopted) = await ReadAsync(settings, catalogue, cancellationToken);
        CatalogueComparison changes = CatalogueComparison.Of(known.Current, adopted.Current!);
        Console.WriteLine(asJson
            ? JsonSerializer.Serialize(new { customers, changes.Kept, changes.New, changes.Changed, changes.Removed }, Json)
            : Describe(customers, changes));
        return 0;
    }

    private static async Task<(long Customers, CatalogueHistory Known, CatalogueHistory Adopted)> ReadAsync(
        SiloSettings settings, FeatureCatalogue catalogue, CancellationToken cancellationToken)
    {
        IConfiguration configuration = HostBuilding.Create(isQuiet: true).Configuration;
        SettingsCheck.Require(configuration, settings.Store, settings.Cluster, settings.Urls);
        if (settings.Cluster is null
            && !StoreSettings.IsPostgresql(new SettingsReader(configuration), settings.Store)
            && !EmbeddedStore.IsIn(DataFolder.Choose(settings.Store.Folder, settings.Store.OwnFolder)))
        {
            return (0, CatalogueHistory.None, CatalogueHistory.None.Adopt(catalogue, 0));
        }

        string? cluster = settings.Cluster is { } overrule ? ClusterPlace.Read(configuration, settings.Store, overrule).Settings.Id : null;
        using ILoggerFactory logs = LoggerFactory.Create(static logging => logging.SetMinimumLevel(LogLevel.Error));
        OpenStore open = await OpenStore.OpenAsync(configuration, settings.Store, cluster, logs, cancellationToken);
        await using (open.Store)
        {
            CatalogueHistory known = await StoredCatalogues.ReadAsync(open.Store, cancellationToken);
            return (
                open.Store.Customers.Totals.Population,
                known,
                await StoredCatalogues.PreviewAsync(open.Store, known, catalogue, TimeProvider.System, cancellationToken));
        }
    }

    private static string Describe(long customers, CatalogueComparison changes) => string.Join(Environment.NewLine, [
        $"For {customers:N0} customers, a start with these features keeps {changes.Kept.Count} of them as they are.",
        .. changes.New.Select(x => $"  new      {x.Name}, {Begins(x)}"),
        .. changes.Changed.Select(x => $"  changed  {x.Name}, {Begins(x)}"),
        .. changes.Removed.Select(x => $"  removed  {x}"),
        "Nothing was changed.",
    ]);

    private static string Begins(FeatureBeginning feature) => feature.BeginsEmpty ? "begins empty" : "with what is already collected";
}
