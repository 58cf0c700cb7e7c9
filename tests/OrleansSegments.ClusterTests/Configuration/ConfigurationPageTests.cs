using System.Text.RegularExpressions;
using OrleansSegments.Silo.Hosting;
using Xunit;

namespace OrleansSegments.ClusterTests.Configuration;

public sealed partial class ConfigurationPageTests
{
    [Fact]
    public void Every_setting_is_on_the_page_and_every_setting_on_the_page_exists()
    {
        string[] settings = [.. SettingSections.All.SelectMany(Settings).Distinct().Order(StringComparer.Ordinal)];
        string[] documented = [.. SettingInTable().Matches(File.ReadAllText(Page())).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal)];

        Assert.True(settings.Length > 25, $"{settings.Length} settings were found");
        Assert.Equal(settings, documented);
    }

    private static IEnumerable<string> Settings((string Section, Type Options) section) =>
        SettingSections.SettingsOf(section.Section, section.Options).Select(property => $"{section.Section}:{property.Name}");

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
