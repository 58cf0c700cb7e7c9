using System.Text;
using Microsoft.Extensions.Configuration;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Silo.Hosting;
using Xunit;

namespace OrleansSegments.ClusterTests.Configuration;

/// <summary>Wrong settings are reported together, each with its value, its rule and the cure, and a mistyped name is not ignored.</summary>
public sealed class SettingsCheckTests
{
    [Fact]
    public void The_default_settings_are_valid() => Assert.Empty(ProblemsOf());

    /// <summary>
    /// Regression: only the store's errors were reported, and a value that did not parse ended the process with a stack trace.
    /// </summary>
    [Fact]
    public void Wrong_values_of_all_sections_are_reported_together()
    {
        string[] problems = ProblemsOf(
            ("Training:Interval", "abc"), ("Training:SegmentsMin", "99"), ("Training:Scheduled", "maybe"), ("Store:Provider", "x"), ("Cluster:DrainTime", "2 s"),
            ("Store:ConnectionsMax", "1"), ("ClientApi:EventBytesMax", "3"), ("ClientApi:WriteKeys", "key"), ("Cluster:SiloPort", "z"), ("Logging:LogLevel:Default", "loud"));
        Assert.Contains("Training:Interval is 'abc'; it must be 00:01:00 to 31.00:00:00. Set Training__Interval or edit appsettings.json.", problems);
        Assert.All(
            ["Training:SegmentsMin is 99", "Training:Scheduled is 'maybe'; it must be true or false", "Store:Provider is x; it must be embedded or postgresql", "Cluster:DrainTime is '2 s'; it must be 00:00:00 to 00:05:00",
                "Store:ConnectionsMax is 1", "ClientApi:EventBytesMax is 3", "ClientApi:WriteKeys is a list. Set ClientApi__WriteKeys__0", "Cluster:SiloPort is 'z'; it must be 1 to 65535",
                "Logging:LogLevel:Default is 'loud'"],
            beginning => Assert.Single(problems, problem => problem.StartsWith(beginning, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("null", "email")]
    [InlineData("[]", "")]
    [InlineData("[\"phone\"]", "phone")]
    public void A_list_replaces_the_default_one(string list, string expected)
    {
        var json = list == "null" ? "{}" : $"{{\"Customers\":{{\"IndexedTraits\":{list}}}}}";
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        Assert.Equal(expected, string.Join(',', new SettingsReader(configuration).Read<CustomerOptions>(CustomerOptions.Section).IndexedTraits));
        Assert.Empty(SettingsCheck.ProblemsOf(configuration));
    }

    [Fact]
    public void Too_many_traits_and_names_that_no_trait_has_are_reported()
    {
        Assert.Empty(ProblemsOf([.. Enumerable.Range(0, 4).Select(number => ($"Customers:IndexedTraits:{number}", $"trait {number}"))]));
        var problems = ProblemsOf([.. Enumerable.Range(0, 5).Select(number => ($"Customers:IndexedTraits:{number}", number == 3 ? new string('\u20AC', 86) : number == 2 ? "" : "x"))]);
        Assert.Equal(3, problems.Length);
        Assert.Equal("Customers: IndexedTraits names 5 traits; at most 4 can be indexed. Set Customers__IndexedTraits or edit appsettings.json.", problems[0]);
        Assert.All(problems[1..], problem => Assert.Contains("1 to 255 bytes", problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Training:Intervall", "Training:Interval (Training__Interval)")]
    [InlineData("training:segmentmax", "Training:SegmentsMax")]
    [InlineData("Store:ConectionString", "Store:ConnectionString")]
    [InlineData("ClientApi:WriteKey:0", "ClientApi:WriteKeys")]
    [InlineData("Trainin:Interval", "Training:Interval")]
    [InlineData("Clusters:SiloPort", "Cluster:SiloPort")]
    public void A_mistyped_name_is_reported_with_the_nearest_right_one(string name, string near)
    {
        string problem = Assert.Single(ProblemsOf((name, "1")));
        Assert.Contains("is no setting", problem, StringComparison.Ordinal);
        Assert.Contains(near, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Store:Zebra")]
    [InlineData("ClientApi:ListenUrls:0")]
    [InlineData("Router:EventsUnderWayMax")]
    [InlineData("Store:CommitBytesMax")]
    public void A_name_that_is_near_to_none_is_told_too(string name) => Assert.Contains("is no setting", Assert.Single(ProblemsOf((name, "1"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("Stores:Number")]
    [InlineData("STORE_SERVICE_HOST")]
    [InlineData("Kestrel:Limits:MaxConcurrentConnections")]
    [InlineData("Logging:LogLevel:Default")]
    public void Other_programs_variables_are_ignored(string name) => Assert.Empty(ProblemsOf((name, "1")));

    private static string[] ProblemsOf(params (string Name, string Value)[] settings) => [.. SettingsCheck.ProblemsOf(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>(s.Name, s.Value))).Build())];
}
