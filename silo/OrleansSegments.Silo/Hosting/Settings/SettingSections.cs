using System.Reflection;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Grains.Events;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Segments;
using OrleansSegments.Grains.Training;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Every section of settings that is ours.</summary>
internal static class SettingSections
{
    public static readonly (string Section, Type Options)[] All =
    [
        (TrainingScheduleOptions.Section, typeof(TrainingScheduleOptions)),
        (ModelOptions.Section, typeof(ModelOptions)),
        (SegmentOptions.Section, typeof(SegmentOptions)),
        (DeadlineOptions.Section, typeof(DeadlineOptions)),
        (RouterOptions.Section, typeof(RouterOptions)),
        (StoreSettings.Section, typeof(StoreSelectionOptions)),
        (StoreSettings.Section, typeof(EmbeddedStoreOptions)),
        (StoreSettings.Section, typeof(PostgresStoreOptions)),
        (ClientApiOptions.SectionName, typeof(ClientApiOptions)),
        (ClusterSettings.Section, typeof(ClusterSettings)),
    ];

    /// <summary>What --data and --urls say.</summary>
    private static readonly string[] SaidByOptions = ["Store:Folder", "ClientApi:ListenUrls"];

    public static IEnumerable<PropertyInfo> SettingsOf(string section, Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && !SaidByOptions.Contains($"{section}:{property.Name}"));
}
