using System.Globalization;
using System.Text;
using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

/// <summary>Numbers in events compared with .NET's parser.</summary>
public sealed class NumberReadingTests
{
    private static readonly FeatureCatalogue Catalogue = FeatureCatalogue.Load(Encoding.UTF8.GetBytes(
        """
        {"version": 1, "features": [{"name": "v", "kind": "behavioural", "aggregation": "last", "events": ["Order Completed"], "value": "properties.v",
        "allowsNegative": true, "missing": "mean", "weight": 1, "unit": "u", "high": "h", "low": "l"}]}
        """));

    [Fact]
    public void A_number_is_the_double_nearest_to_its_text()
    {
        for (int seed = 0; seed < 4_000; seed++)
        {
            string text = Number(new Random(seed));
            double expected = double.Parse(text, CultureInfo.InvariantCulture);
            bool isCounted = Math.Abs(expected) <= 1e12;

            AssertReads(isCounted ? expected : double.NaN, text);
            AssertReads(isCounted ? expected : double.NaN, $"\"{text}\"");
        }
    }

    [Theory]
    [InlineData("007", 7)]
    [InlineData("+5", 5)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5)]
    [InlineData("-0", 0)]
    [InlineData("1e3", 1000)]
    [InlineData("", double.NaN)]
    [InlineData("-", double.NaN)]
    [InlineData(".", double.NaN)]
    [InlineData("1.2.3", double.NaN)]
    [InlineData("12 EUR", double.NaN)]
    [InlineData("EUR 12", double.NaN)]
    [InlineData("1,5", double.NaN)]
    [InlineData("NaN", double.NaN)]
    [InlineData("Infinity", double.NaN)]
    [InlineData("-Infinity", double.NaN)]
    [InlineData("0x10", double.NaN)]
    public void Text_counts_as_a_number_only_if_all_of_it_is_one(string text, double expected) => AssertReads(expected, $"\"{text}\"");

    private static void AssertReads(double expected, string json)
    {
        double actual = new CustomerUnderTest(Catalogue).Receive([TestEvent.Order("m", TestEvent.Start, $$"""{"v":{{json}}}""")]).Natural("v", TestEvent.Start);
        Assert.True(expected.Equals(actual), $"{json}: expected {expected:R}, read {actual:R}");
    }

    /// <summary>Short and long decimals, with and without a sign, a point and an exponent.</summary>
    private static string Number(Random random)
    {
        string Digits(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => random.Next(10)));
        string whole = random.Next(3) == 0 ? "0" : random.Next(1, 10) + Digits(random.Next(14));
        string fraction = random.Next(2) == 0 ? "" : "." + Digits(random.Next(1, 19));
        string exponent = random.Next(8) == 0 ? "e" + random.Next(-9, 5) : "";
        return (random.Next(4) == 0 ? "-" : "") + whole + fraction + exponent;
    }
}
