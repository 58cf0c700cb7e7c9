using System.Text.Json.Nodes;
using OrleansSegments.CrashTests.Checks;
using Xunit;

namespace OrleansSegments.UnitTests.CrashTests;

/// <summary>When two customers count as equal.</summary>
public sealed class FeatureComparisonTests
{
    private const string Right = """
        {"eventCount":2,"firstEventAt":"2026-01-01T00:00:00+00:00","lastEventAt":"2026-01-02T00:00:00+00:00","traits":{"age":40},
         "features":{"spend":123.456789012345,"faded":1e-15,"share":0.25}}
        """;

    [Fact]
    public void Equal_customers_are_equal() => Assert.True(Compare(Right).AreNone);

    [Theory]
    [InlineData("123.456789012345", "123.456789012346")]
    [InlineData("1e-15", "0")]
    public void What_rounding_makes_of_another_order_is_equal(string value, string other) => Assert.True(Compare(Right.Replace(value, other, StringComparison.Ordinal)).AreNone);

    [Theory]
    [InlineData("123.456789012345", "123.4567895")]
    [InlineData("0.25", "0.2500000005")]
    [InlineData("\"share\"", "\"portion\"")]
    [InlineData("\"share\":0.25", "\"share\":null")]
    [InlineData("\"eventCount\":2", "\"eventCount\":3")]
    [InlineData("40", "41")]
    [InlineData("2026-01-02", "2026-01-03")]
    public void Everything_else_differs(string value, string other) =>
        Assert.Equal([FindingKind.FeatureDiffers], Compare(Right.Replace(value, other, StringComparison.Ordinal)).Kinds);

    private static Findings Compare(string other)
    {
        var findings = new Findings();
        FeatureComparison.Compare("ada", JsonNode.Parse(other)!.AsObject(), JsonNode.Parse(Right)!.AsObject(), findings);
        return findings;
    }
}
