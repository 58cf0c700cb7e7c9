using System.Reflection;
using OrleansSegments.Bus;
using OrleansSegments.ClientApi.Settings;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Events;
using OrleansSegments.Grains.Training;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.Webhooks;

namespace OrleansSegments.Silo.Hosting;

/// <summary>All of the product's configuration sections.</summary>
internal static class SettingSections
{
    public static readonly (string Section, Type Options)[] All =
    [
        (TrainingScheduleOptions.Section, typeof(TrainingScheduleOptions)),
        (MergeOptions.Section, typeof(MergeOptions)),
        (CustomerOptions.Section, typeof(CustomerOptions)),
        (StoreSettings.Section, typeof(StoreSelectionOptions)),
        (StoreSettings.Section, typeof(EmbeddedStoreOptions)),
        (StoreSettings.Section, typeof(PostgresStoreOptions)),
        (ClientApiOptions.SectionName, typeof(ClientApiOptions)),
        (ClusterSettings.Section, typeof(ClusterSettings)),
        (BusOptions.Section, typeof(BusOptions)),
        (WebhookOptions.Section, typeof(WebhookOptions)),
    ];

    /// <summary>Settings that are set by --data and --urls instead.</summary>
    private static readonly string[] SaidByOptions = ["Store:Folder", "ClientApi:ListenUrls"];

    public static IEnumerable<PropertyInfo> SettingsOf(string section, Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && !SaidByOptions.Contains($"{section}:{property.Name}"));
}

/// <summary>Finds unknown names in the product's sections: otherwise a mistyped setting would silently keep its default.</summary>
internal static class SettingNames
{
    private static readonly ILookup<string, string> Known = SettingSections.All
        .SelectMany(section => SettingSections.SettingsOf(section.Section, section.Options).Select(setting => (section.Section, setting.Name)))
        .Distinct()
        .ToLookup(setting => setting.Section, setting => setting.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Sections whose settings have all become constants: one that is still set must not be ignored without a word.</summary>
    private static readonly string[] Former = ["Models", "Segments", "Deadlines", "Router"];

    public static IEnumerable<string> UnknownIn(IConfiguration configuration) => configuration.GetChildren().SelectMany(section => Unknown(section));

    private static IEnumerable<string> Unknown(IConfigurationSection section)
    {
        if (Known.Contains(section.Key))
        {
            string name = Known.First(known => known.Key.Equals(section.Key, StringComparison.OrdinalIgnoreCase)).Key;
            return section.GetChildren().Where(child => !Known[name].Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                .Select(child => Unknown($"{name}:{child.Key}", Nearest(child.Key, Known[name]) is { } near ? $"{name}:{near}" : null));
        }

        if (Former.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
        {
            return section.GetChildren().Select(child => Unknown(child.Path, near: null));
        }

        // Other programs' variables may hold two underscores as well; ours are known by the setting behind a section that is nearly one of ours.
        return Nearest(section.Key, Known.Select(known => known.Key)) is { } meant
            ? section.GetChildren().Where(child => Known[meant].Contains(child.Key, StringComparer.OrdinalIgnoreCase)).Select(child => Unknown(child.Path, $"{meant}:{child.Key}"))
            : [];
    }

    private static string Unknown(string path, string? near) =>
        $"{path} is no setting{(near is null ? "" : $"; the nearest is {near} ({near.Replace(":", "__", StringComparison.Ordinal)})")}. Correct or remove it; docs/configuration.md lists all.";

    /// <summary>The closest name, if at most a third of its letters must be changed.</summary>
    internal static string? Nearest(string word, IEnumerable<string> names) =>
        names.Select(name => (Name: name, Changes: Changes(word.ToUpperInvariant(), name.ToUpperInvariant())))
            .Where(candidate => 3 * candidate.Changes <= Math.Max(word.Length, candidate.Name.Length))
            .OrderBy(candidate => candidate.Changes).Select(candidate => candidate.Name).FirstOrDefault();

    /// <summary>Levenshtein distance: insertions, deletions and replacements.</summary>
    private static int Changes(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[to.Length];
    }
}
