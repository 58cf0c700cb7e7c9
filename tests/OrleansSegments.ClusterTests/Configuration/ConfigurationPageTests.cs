using System.Reflection;
using System.Text.RegularExpressions;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Grains.Events;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Segments;
using OrleansSegments.Grains.Training;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Postgres;
using Xunit;

namespace OrleansSegments.ClusterTests.Configuration;

public sealed partial class ConfigurationPageTests
{
    private static readonly (string Section, Type Options)[] Sections =
    [
        (TrainingScheduleOptions.Section, typeof(TrainingScheduleOptions)),
        (ModelOptions.Section, typeof(ModelOptions)),
        (SegmentOptions.Section, typeof(SegmentOptions)),
        (DeadlineOptions.Section, typeof(DeadlineOptions)),
        (RouterOptions.Section, typeof(RouterOptions)),
        (StoreSettings.Section, typeof(StoreSelectionOptions)),
        (StoreSettings.Section, typeof(SqliteStoreOptions)),
        (StoreSettings.Section, typeof(PostgresStoreOptions)),
        (ClientApiOptions.SectionName, typeof(ClientApiOptions)),
        (ClusterSettings.Section, typeof(ClusterSettings)),
    ];

    /// <summary>Named by command line options, or not for operators.</summary>
    private static readonly string[] NotSettings = ["Store:Folder", "ClientApi:ListenUrls"];

    [Fact]
    public void Every_setting_is_on_the_page_and_every_setting_on_the_page_exists()
    {
        string[] settings = [.. Sections.SelectMany(Settings).Distinct().Except(NotSettings).Order(StringComparer.Ordinal)];
        string[] documented = [.. SettingInTable().Matches(File.ReadAllText(Page())).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal)];

        Assert.True(settings.Length > 50, $"{settings.Length} settings were found");
        Assert.Equal(settings, documented);
    }

    private static IEnumerable<string> Settings((string Section, Type Options) section) =>
        section.Options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite)
            .Select(property => $"{section.Section}:{property.Name}");

    private static string Page()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "OrleansSegments.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "docs", "configuration.md");
    }

    [GeneratedRegex(@"^\| `(\w+:\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingInTable();
}
