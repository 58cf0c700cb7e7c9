using System.Text.RegularExpressions;
using Xunit;

namespace OrleansSegments.UnitTests.Repository;

/// <summary>Every alerting rule is explained on the page for operators. The metrics in the rules are compared with a running silo by an end-to-end test.</summary>
public sealed partial class AlertTests
{
    private static readonly object[] Rules = [.. YamlFiles.Read("deploy/observability/alerts.yaml").Single().Items("groups").SelectMany(group => group.Items("rules"))];

    [Fact]
    public void The_operations_page_names_every_rule_and_no_other()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs/operations.md"));

        Assert.True(Rules.Length > 10, $"only {Rules.Length} rules were found");
        Assert.Equal(
            Rules.Select(rule => rule.Text("alert")).Order(StringComparer.Ordinal),
            RuleName().Matches(page).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_rule_says_what_is_wrong_and_what_to_do() => Assert.All(Rules, rule =>
    {
        Assert.True(rule.Text("annotations", "summary").EndsWith('.'), $"{rule.Text("alert")} has no summary");
        Assert.True(rule.Text("annotations", "cure").EndsWith('.'), $"{rule.Text("alert")} has no cure");
        Assert.Matches("^(critical|warning|info)$", rule.Text("labels", "severity"));
    });

    [GeneratedRegex("`(Segments[A-Z][A-Za-z]+)`")]
    private static partial Regex RuleName();
}
