using OrleansSegments.Bus;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Events;
using OrleansSegments.Grains.Training;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.Webhooks;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Validates all settings before anything is opened, and reports all problems together.</summary>
internal static class SettingsCheck
{
    /// <summary>Problems that are independent of the command line.</summary>
    public static IReadOnlyList<string> ProblemsOf(IConfiguration configuration)
    {
        SettingsReader reader = ReadShared(configuration);
        reader.Read<ClientApiOptions>(ClientApiOptions.SectionName, isUsed: false);
        reader.Read<StoreSelectionOptions>(StoreSettings.Section);
        reader.Read<EmbeddedStoreOptions>(StoreSettings.Section, isUsed: false);
        reader.Read<PostgresStoreOptions>(StoreSettings.Section, isUsed: false);
        reader.Read<ClusterSettings>(ClusterSettings.Section, isUsed: false);
        return [.. reader.Problems.Distinct()];
    }

    /// <summary>Validates a process's settings together with its command line's store, cluster and listener options.</summary>
    /// <param name="cluster">The command line's cluster options; null for a process without a cluster.</param>
    /// <param name="urls">URLs on which the API listens; null for the private listener.</param>
    public static void Require(IConfiguration configuration, StoreArguments store, Action<ClusterSettings>? cluster, string? urls)
    {
        SettingsReader reader = ReadShared(configuration);
        reader.Read<ClientApiOptions>(ClientApiOptions.SectionName, o => o.ListenUrls = ApiHosting.Listeners(urls));
        bool isPostgresql = cluster is not null || StoreSettings.IsPostgresql(reader, store);
        StoreSettings.ReadPostgres(reader, store, isPostgresql);
        StoreSettings.ReadEmbedded(reader, isUsed: !isPostgresql);
        reader.Read(ClusterSettings.Section, cluster, isUsed: cluster is not null);
        reader.ThrowIfAny();
    }

    private static SettingsReader ReadShared(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        TrainingScheduleOptions training = reader.Read<TrainingScheduleOptions>(TrainingScheduleOptions.Section);
        if (reader.Problems.Count == 0 && training.SegmentsMin > training.SegmentsMax)
        {
            reader.Add([$"Training:SegmentsMin is {training.SegmentsMin}; it must not exceed Training:SegmentsMax, which is {training.SegmentsMax}. Change one of them."]);
        }

        reader.Read<MergeOptions>(MergeOptions.Section);
        reader.Read<CustomerOptions>(CustomerOptions.Section);
        reader.Read<BusOptions>(BusOptions.Section);
        reader.Read<WebhookOptions>(WebhookOptions.Section);
        reader.Add(SettingNames.UnknownIn(configuration));
        reader.Add(UnknownLevels(configuration));
        return reader;
    }

    private static IEnumerable<string> UnknownLevels(IConfiguration configuration) => configuration.GetSection("Logging:LogLevel").GetChildren()
        .Where(level => !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _))
        .Select(level => $"{level.Path} is '{level.Value}'; it must be {string.Join(", ", Enum.GetNames<LogLevel>())}. Set {level.Path.Replace(":", "__", StringComparison.Ordinal)} or edit appsettings.json.");
}
