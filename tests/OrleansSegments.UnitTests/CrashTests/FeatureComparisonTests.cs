using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Checks;
using Xunit;

namespace OrleansSegments.UnitTests.CrashTests;

/// <summary>When two customers count as equal.</summary>
public sealed class FeatureComparisonTests
{
    private const string Right = """
        {"id":"ada","asOf":"2026-01-03T00:00:00.010+00:00","eventCount":2,"firstEventAt":"2026-01-01T00:00:00+00:00",
         "lastEventAt":"2026-01-02T00:00:00+00:00","traits":{"age":40},"features":{"spend":123.456789012345,"faded":1e-15,"share":0.25}}
        """;

    [Fact]
    public void Equal_customers_are_equal() => Assert.True(Compare(Right, Right, Right).AreNone);

    [Theory]
    [InlineData("123.456789012345", "123.456789012346")]
    [InlineData("1e-15", "0")]
    public void What_rounding_makes_of_another_order_is_equal(string value, string other) =>
        Assert.True(Compare(Right.Replace(value, other, StringComparison.Ordinal), Right, Right).AreNone);

    [Theory]
    [InlineData("123.456789012345", "123.4567895")]
    [InlineData("0.25", "0.2500000005")]
    [InlineData("\"share\"", "\"portion\"")]
    [InlineData("\"share\":0.25", "\"share\":null")]
    [InlineData("\"eventCount\":2", "\"eventCount\":3")]
    [InlineData("40", "41")]
    [InlineData("2026-01-02", "2026-01-01")]
    public void Everything_else_differs(string value, string other) =>
        Assert.Equal(FindingKind.FeatureDiffers, Assert.Single(Compare(Right.Replace(value, other, StringComparison.Ordinal), Right, Right).Kinds));

    [Fact]
    public void A_feature_that_moves_is_compared_with_what_the_clean_run_has_at_the_same_moment()
    {
        string before = At("00.000", "0.10");
        string after = At("00.040", "0.50");
        Assert.True(Compare(At("00.010", "0.2"), before, after).AreNone);
        Assert.False(Compare(At("00.011", "0.2"), before, after).AreNone);
    }

    private static string At(string second, string share) =>
        Right.Replace("00.010", second, StringComparison.Ordinal).Replace("0.25", share, StringComparison.Ordinal);

    private static Findings Compare(string own, string before, string after)
    {
        var findings = new Findings();
        FeatureComparison.Compare(JsonNode.Parse(own)!.AsObject(), JsonNode.Parse(before)!.AsObject(), JsonNode.Parse(after)!.AsObject(), findings);
        return findings;
    }
}
