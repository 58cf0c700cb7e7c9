using OrleansSegments.ClientApi.Console;
using OrleansSegments.ClientApi.Console.Charts;
using OrleansSegments.ClientApi.Console.Customers;
using OrleansSegments.ClientApi.Console.Segments;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.UnitTests.ClientApi;
using Xunit;

namespace OrleansSegments.UnitTests.Consoles;

/// <summary>How the console words and arranges what it shows.</summary>
public sealed class ConsoleTextTests
{
    private static readonly MembershipView Membership = new("s1", "big spenders", TestTime.Noon, 4);

    [Theory]
    [InlineData("orders_90d", "orders, 90 days")]
    [InlineData("days_since_order", "days since order")]
    [InlineData("spend", "spend")]
    public void Features_are_named_in_words(string name, string words) => Assert.Equal(words, Show.Feature(name));

    [Theory]
    [InlineData(12_345.6, "12,346")]
    [InlineData(1.256, "1.26")]
    [InlineData(double.NaN, "none")]
    [InlineData(null, "none")]
    public void Values_are_as_precise_as_people_read_them(double? value, string words) => Assert.Equal(words, Show.Value(value));

    [Theory]
    [InlineData(3 * 86_400, "3 days")]
    [InlineData(2 * 3_600, "2 hours")]
    [InlineData(119, "119 seconds")]
    [InlineData(-5, "0 seconds")]
    public void Spans_are_said_in_their_largest_unit(int seconds, string words) => Assert.Equal(words, Show.Span(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Ids_are_escaped_in_addresses() => Assert.Equal("customer?id=a%2Fb%3F%26%3Cc%3E", Show.CustomerAddress("a/b?&<c>"));

    [Fact]
    public void The_sentence_names_what_speaks_most_for_the_segment()
    {
        string why = CustomerWords.Why(Explained(
            "s2", 0.2, null, new FeatureContribution("spend_90d", 300, 1, 280, 20, 2), new FeatureContribution("pages_30d", 5, 1, 4, 9, 0.1), new FeatureContribution("orders_90d", 1, 1, 9, 2, -1)));
        Assert.Equal("In “big spenders” rather than “window shoppers”: spend, 90 days is 300 (usual here 280, there 20); pages, 30 days is 5 (usual here 4, there 9).", why);
    }

    [Fact]
    public void What_time_does_is_said_with_its_moment()
    {
        Assert.EndsWith("Without a new event they move on 1 Mar 2026, 12:00.", CustomerWords.Next(Explained("s2", 0.2, TestTime.Noon)), StringComparison.Ordinal);
        Assert.EndsWith("Time alone does not move them.", CustomerWords.Next(Explained("s2", 0.2, null)), StringComparison.Ordinal);
        Assert.StartsWith("window shoppers is nearer by 5.0 %", CustomerWords.Next(Explained("s2", -0.05, null)), StringComparison.Ordinal);
        Assert.Equal("Time alone does not move them.", CustomerWords.Next(Explained(null, 0, null)));
    }

    [Fact]
    public void Nested_traits_are_shown_by_path() => Assert.Equal(
        [("email", "a@b"), ("address.city", "Köln"), ("tags", "[1,2]")],
        CustomerWords.Traits("""{"email":"a@b","address":{"city":"Köln"},"tags":[1,2]}"""u8.ToArray()));

    [Fact]
    public void A_profile_compares_with_everybody_weighted_by_size()
    {
        var census = new SegmentCensus(TestTime.Noon, 4, 4, 0, TestTime.Noon,
        [
            new SegmentCount("s1", "a", 1, 0.25, [], new() { ["spend"] = 8, ["flat"] = 1 }),
            new SegmentCount("s2", "b", 3, 0.75, [], new() { ["spend"] = 0, ["flat"] = 1 }),
        ]);
        Assert.Equal([new ProfileRow("spend", 8, 2, 4), new ProfileRow("flat", 1, 1, 1)], ProfileRow.Of("s1", census));
    }

    [Fact]
    public void Flows_of_a_segment_are_added_up_over_their_causes()
    {
        SegmentFlow[] flows = FlowChart.Of("s1", new TransitionFlows(default, default, default, false,
            [new("s1", "s2", "event", 2), new("s1", "s2", "time", 3), new(null, "s1", "event", 4), new("s2", "s3", "event", 9)]));
        Assert.Equal([new SegmentFlow("s1", "s2", "", 5), new SegmentFlow(null, "s1", "", 4)], flows);
        Assert.Equal("5 to s2; 4 from new", FlowChart.Words("s1", flows, []));
    }

    private static CustomerExplanation Explained(string? runnerUp, double margin, DateTimeOffset? due, params FeatureContribution[] parts) => new(
        "ada", TestTime.Noon, Membership, "s1", runnerUp, margin, 0.15, [new("s1", "big spenders", 1), new("s2", "window shoppers", 2)], parts, null, due);
}
