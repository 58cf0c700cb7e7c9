using System.Text;
using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

public sealed class FeatureCatalogueTests
{
    [Fact]
    public void The_default_catalogue_is_valid_and_covers_all_kinds_of_factor()
    {
        var catalogue = FeatureCatalogue.Default;
        Assert.True(catalogue.FeatureCount >= 26, $"{catalogue.FeatureCount} features");
        Assert.Equal(Enum.GetValues<FactorKind>(), catalogue.Features.Select(x => x.Factor).Distinct().Order());
        Assert.Equal(catalogue.FeatureCount, catalogue.Features.SelectMany(x => new[] { x.High, x.Low }).Distinct().Count() / 2);
    }

    [Fact]
    public void Wording_changes_no_hash_weight_changes_only_the_models_and_half_life_changes_both()
    {
        var original = Variant("", "");
        var worded = Variant("\"large orders\"", "\"grand orders\"");
        var weighted = Variant("\"weight\": 0.8", "\"weight\": 0.85");
        var slower = Variant("\"halfLifeDays\": 14", "\"halfLifeDays\": 15");
        Assert.Equal((original.Hash, original.LayoutHash), (worded.Hash, worded.LayoutHash));
        Assert.Equal(original.LayoutHash, weighted.LayoutHash);
        Assert.NotEqual(original.Hash, weighted.Hash);
        Assert.NotEqual(original.LayoutHash, slower.LayoutHash);
        Assert.NotEqual(original.Hash, slower.Hash);
    }

    [Theory]
    [InlineData("\"name\": \"x\"", "\"name\": \"Orders\"", "name")]
    [InlineData("\"name\": \"x\",", "", "name")]
    [InlineData("behavioural", "biological", "kind")]
    [InlineData("decayedSum", "median", "aggregation")]
    [InlineData("[\"A\"]", "[]", "events")]
    [InlineData("[\"A\"]", "[\"@purchase\"]", "events")]
    [InlineData("\"events\": [\"A\"],", "", "events")]
    [InlineData("\"properties.v\"", "\"property.v\"", "value")]
    [InlineData("\"properties.v\"", "\"properties.a[].b[].c\"", "value")]
    [InlineData("\"properties.v\"", "\"properties.a[].b * properties.c[].d\"", "value")]
    [InlineData("\"value\": \"properties.v\",", "", "value")]
    [InlineData("\"halfLifeDays\": 9", "\"halfLifeDays\": 0", "halfLifeDays")]
    [InlineData("\"halfLifeDays\": 9", "\"halfLifeDays\": \"9\"", "halfLifeDays")]
    [InlineData("\"halfLifeDays\": 9,", "", "halfLifeDays")]
    [InlineData("log1p", "cube", "transform")]
    [InlineData("log1p", "sqrt", "transform")]
    [InlineData("\"weight\": 1", "\"weight\": -1", "weight")]
    [InlineData("\"weight\": 1", "\"weight\": 2.1", "weight")]
    [InlineData("\"missing\": 0", "\"missing\": \"guess\"", "missing")]
    [InlineData("\"weight\": 1", "\"wieght\": 1", "wieght")]
    [InlineData("\"unit\": \"u\",", "", "unit")]
    [InlineData("\"high\": \"h\"", "\"high\": \"\"", "high")]
    [InlineData("\"low\": \"l\"", "\"low\": 3", "low")]
    [InlineData("\"weight\": 1", "\"prior\": {\"weight\": 1, \"mean\": 1}", "prior")]
    [InlineData("\"weight\": 1", "\"match\": {\"hours\": [1, 2]}", "match")]
    [InlineData("\"weight\": 1", "\"allowsNegative\": 1", "allowsNegative")]
    [InlineData("\"weight\": 1", "\"allowsNegative\": true", "transform")]
    [InlineData("\"weight\": 1", "\"oneOf\": [\"a\"], \"map\": {\"b\": 1}", "map")]
    [InlineData("\"weight\": 1", "\"map\": {\"b\": \"1\"}", "map.b")]
    [InlineData("\"weight\": 1", "\"where\": {\"path\": \"properties.a\"}", "where")]
    [InlineData("\"weight\": 1", "\"where\": [{\"path\": \"properties.a\"}]", "equals")]
    [InlineData("\"weight\": 1", "\"where\": [{\"equals\": \"a\"}]", "path")]
    [InlineData("\"aggregation\": \"decayedSum\"", "\"aggregation\": \"ratio\"", "numerator")]
    [InlineData("\"aggregation\": \"decayedSum\"", "\"aggregation\": \"share\"", "match")]
    [InlineData("\"aggregation\": \"decayedSum\"", "\"aggregation\": \"share\", \"match\": {\"hours\": [5, 30]}", "hours")]
    [InlineData("\"aggregation\": \"decayedSum\"", "\"aggregation\": \"share\", \"match\": {\"weekdays\": [\"caturday\"]}", "weekdays")]
    [InlineData("\"aggregation\": \"decayedSum\"", "\"aggregation\": \"share\", \"match\": {}", "hours, weekdays, path")]
    [InlineData("\"aggregation\": \"decayedSum\"", "\"aggregation\": \"share\", \"prior\": {\"mean\": 2}", "prior.mean")]
    [InlineData("\"aggregation\": \"decayedSum\"", "\"aggregation\": \"last\"", "halfLifeDays")]
    [InlineData("\"properties.v\"", "\"properties.v\", \"value\": 1, \"x\": 2", "x")]
    [InlineData("\"timeZone\": \"UTC\"", "\"timeZone\": \"Middle/Earth\"", "timeZone")]
    [InlineData("\"version\": 1", "\"version\": 2", "version")]
    [InlineData("\"version\": 1", "\"version\": 1, \"aliases\": {\"presets\": [\"ga3\"]}", "presets")]
    [InlineData("\"version\": 1", "\"version\": 1, \"aliases\": {\"paths\": {\"a\": \"properties.b\"}}", "paths")]
    [InlineData("\"version\": 1", "\"version\": 1, \"currencies\": {\"base\": \"pounds\"}", "base, rates")]
    [InlineData("\"version\": 1", "\"version\": 1, \"currencies\": {\"base\": \"GBP\", \"rates\": {\"EUR\": 0}}", "rates.EUR")]
    [InlineData("\"version\": 1", "\"version\": 1, \"lexicon\": {\"joy\": [\"yay\"]}", "lexicon")]
    public void Each_rule_refuses_its_violation_by_name(string valid, string broken, string property)
    {
        var text = ValidEntry.Replace(valid, broken, StringComparison.Ordinal);
        Assert.NotEqual(ValidEntry, text);
        Assert.Null(Try(text, out var errors));
        var error = Assert.Single(errors, x => x.Property == property);
        Assert.All([error.Entry, error.Value, error.Rule, error.Cure], x => Assert.False(string.IsNullOrWhiteSpace(x)));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"version":1,"features":[]}""")]
    [InlineData("""{"version":1}""")]
    public void Text_that_is_not_a_catalogue_is_refused(string text)
    {
        Assert.Null(Try(text, out var errors));
        Assert.Single(errors);
    }

    [Fact]
    public void The_same_name_twice_is_refused()
    {
        var entry = ValidEntry[(ValidEntry.IndexOf('[', StringComparison.Ordinal) + 1)..ValidEntry.LastIndexOf(']')];
        Assert.Null(Try($$"""{"features":[{{entry}},{{entry}}]}""", out var errors));
        Assert.Contains("\"x\" twice", Assert.Single(errors).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_come_together()
    {
        var text = ValidEntry.Replace("log1p", "cube", StringComparison.Ordinal).Replace("\"weight\": 1", "\"weight\": -1", StringComparison.Ordinal)
            .Replace("behavioural", "odd", StringComparison.Ordinal);
        Assert.Null(Try(text, out var errors));
        Assert.Equal(["kind", "transform", "weight"], errors.Select(x => x.Property).Order());
        var thrown = Assert.Throws<FormatException>(() => FeatureCatalogue.Load(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(4, thrown.Message.Split('\n').Length);
    }

    [Fact]
    public void A_home_country_of_ones_own_makes_its_customers_domestic()
    {
        var catalogue = Variant("[\"GB\", \"UK\", \"United Kingdom\"]", "[\"FR\"]");
        var customer = new CustomerUnderTest(catalogue).Receive([TestEvent.Identify("i", TestEvent.Start, """{"address":{"country":"fr"}}""")]);
        Assert.Equal(1, customer.Natural("domestic", TestEvent.Start));
    }

    private const string ValidEntry = """
        {"version": 1, "timeZone": "UTC", "features": [
        {"name": "x", "kind": "behavioural", "aggregation": "decayedSum", "events": ["A"], "value": "properties.v", "halfLifeDays": 9,
         "transform": "log1p", "weight": 1, "missing": 0, "unit": "u", "high": "h", "low": "l"}]}
        """;

    internal static FeatureCatalogue Of(string entry) => FeatureCatalogue.Load(Encoding.UTF8.GetBytes($$"""{"version": 1, "features": [{{entry}}]}"""));

    internal static FeatureCatalogue Variant(string from, string to)
    {
        var text = Encoding.UTF8.GetString(FeatureCatalogue.DefaultJson());
        var changed = from.Length == 0 ? text : text.Replace(from, to, StringComparison.Ordinal);
        Assert.True(from.Length == 0 || changed != text, $"{from} is not in the default catalogue");
        return FeatureCatalogue.Load(Encoding.UTF8.GetBytes(changed));
    }

    private static FeatureCatalogue? Try(string text, out IReadOnlyList<CatalogueError> errors) =>
        FeatureCatalogue.TryLoad(Encoding.UTF8.GetBytes(text), out errors);
}
