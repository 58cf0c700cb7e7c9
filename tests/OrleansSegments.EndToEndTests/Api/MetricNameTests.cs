using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Waiting;
using YamlDotNet.Serialization;

namespace OrleansSegments.EndToEndTests.Api;

/// <summary>The dashboard and the alerting rules ask for series that a running silo exports, with labels that these have.</summary>
public sealed partial class MetricNameTests(RunningSilo silo) : IClassFixture<RunningSilo>
{
    private const string Folder = "deploy/observability";

    /// <summary>What Prometheus itself adds: a metric, and labels of every series.</summary>
    private const string Up = "up";
    private static readonly string[] PrometheusLabels = ["instance", "job"];

    private static readonly HashSet<string> Words = ["and", "or", "unless", "on", "by", "without", "ignoring", "bool", "offset"];

    [Fact]
    public async Task Every_name_in_the_dashboard_and_in_the_rules_is_exported()
    {
        (string Where, string Query)[] queries = [.. PanelQueries(), .. RuleQueries()];
        Assert.True(queries.Length > 40, $"only {queries.Length} queries were found");

        await ProvokeAsync();
        Dictionary<string, HashSet<string>> exported = [];
        string[] unknown = [];
        bool areKnown = await Condition.ComesToHoldAsync(
            async () =>
            {
                exported = Read((await silo.Api.GetAsync("/metrics")).Text);
                unknown = [.. queries.SelectMany(query => Unknown(query.Query, exported).Select(name => $"{query.Where}: {name}"))];
                return unknown.Length == 0;
            },
            within: TimeSpan.FromSeconds(10));
        Assert.True(areKnown, $"Not exported:\n{string.Join('\n', unknown)}\nExported:\n{string.Join('\n', exported.Keys.Order())}");
    }

    [Fact]
    public void A_name_that_is_not_exported_is_found()
    {
        Dictionary<string, HashSet<string>> exported = Read("# TYPE a_total counter\na_total{code=\"x\",z=\"1 2\"} 3\nb 4 5\n");

        Assert.Equal(["code", "z"], exported["a_total"].Order());
        Assert.Empty(Unknown("sum by (code, instance) (rate(a_total{code!~\"c|d\", job=\"e\"}[5m])) > 0.5 and on () (b or vector(0)) > 1e3", exported));
        Assert.Equal(["a_totl"], Unknown("rate(a_totl[5m])", exported));
        Assert.Equal(["a_total{kind}"], Unknown("rate(a_total{kind=\"x\"}[$__rate_interval])", exported));
        Assert.Equal(["by (code)"], Unknown("max by (code) (b)", exported));
    }

    /// <summary>Makes what is counted only when it happens: a refused request, a rejected event, a repeat and a value without effect.</summary>
    private async Task ProvokeAsync()
    {
        Assert.Equal(401, (await silo.Api.SendAsync(HttpMethod.Post, "/v1/batch", "no-key", new StringContent("{}"))).Status);
        Assert.Equal(200, (await silo.Api.PostEventsAsync("/v1/batch", """
            {"batch":[
              {"type":"track","event":"Order Completed","userId":"provoker","messageId":"1","properties":{"revenue":"free"} },
              {"type":"track","event":"Order Completed","userId":"provoker","messageId":"1"},
              {"type":"no such type"}]}
            """)).Status);
    }

    private static IEnumerable<(string, string)> PanelQueries() => JsonNode.Parse(Text("dashboard.json"))!["panels"]!.AsArray()
        .SelectMany(panel => (panel!["targets"]?.AsArray() ?? []).Select(target => ($"{panel["title"]}", (string)target!["expr"]!)));

    private static IEnumerable<(string, string)> RuleQueries() => new DeserializerBuilder().IgnoreUnmatchedProperties().Build()
        .Deserialize<RuleFile>(Text("alerts.yaml")).Groups.SelectMany(group => group.Rules).Select(rule => (rule.Alert, rule.Expr));

    private static string Text(string file) => File.ReadAllText(Path.Combine(SiloProgram.RepositoryRoot, Folder, file));

    /// <summary>The labels of each series in the text format.</summary>
    private static Dictionary<string, HashSet<string>> Read(string metrics) => SeriesLine().Matches(metrics)
        .GroupBy(line => line.Groups[1].Value, StringComparer.Ordinal)
        .ToDictionary(
            lines => lines.Key,
            lines => lines.SelectMany(line => LabelName().Matches(line.Groups[2].Value)).Select(label => label.Groups[1].Value).ToHashSet(StringComparer.Ordinal),
            StringComparer.Ordinal);

    /// <summary>The metrics of a query that are not exported, and the labels that theirs do not have.</summary>
    private static IEnumerable<string> Unknown(string query, Dictionary<string, HashSet<string>> exported)
    {
        string bare = Range().Replace(query, "");
        string[] grouped = [.. Grouping().Matches(bare).SelectMany(labels => labels.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        HashSet<string> known = [.. PrometheusLabels];
        foreach (Match name in Selector().Matches(Grouping().Replace(bare, " ")).Where(name => !Words.Contains(name.Groups[1].Value)))
        {
            string metric = name.Groups[1].Value;
            if (metric == Up)
            {
                continue;
            }

            if (!exported.TryGetValue(metric, out HashSet<string>? labels))
            {
                yield return metric;
                continue;
            }

            foreach (string label in LabelName().Matches(name.Groups[2].Value).Select(label => label.Groups[1].Value).Except([.. labels, .. PrometheusLabels]))
            {
                yield return $"{metric}{{{label}}}";
            }

            known.UnionWith(labels);
        }

        foreach (string label in grouped.Except(known))
        {
            yield return $"by ({label})";
        }
    }

    [GeneratedRegex(@"^([a-zA-Z_:][\w:]*)(\{.*\})? \S+", RegexOptions.Multiline)]
    private static partial Regex SeriesLine();

    [GeneratedRegex(@"(\w+)\s*(?:=~|!~|!=|=)\s*""(?:[^""\\]|\\.)*""")]
    private static partial Regex LabelName();

    /// <summary>The time of a range selector, with Grafana's variables.</summary>
    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    /// <summary>A name that no function has, with its label matchers. Numbers such as 1e3 are no names.</summary>
    [GeneratedRegex(@"(?<![\w.])([a-zA-Z_:][\w:]*)(?![\w:])(?!\s*\()(\{[^}]*\})?")]
    private static partial Regex Selector();

    private sealed class RuleFile
    {
        [YamlMember(Alias = "groups")]
        public List<RuleGroup> Groups { get; set; } = [];
    }

    private sealed class RuleGroup
    {
        [YamlMember(Alias = "rules")]
        public List<Rule> Rules { get; set; } = [];
    }

    private sealed class Rule
    {
        [YamlMember(Alias = "alert")]
        public string Alert { get; set; } = "";

        [YamlMember(Alias = "expr")]
        public string Expr { get; set; } = "";
    }
}
