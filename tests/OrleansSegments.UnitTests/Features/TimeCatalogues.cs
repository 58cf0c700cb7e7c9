using System.Text;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.UnitTests.Features;

/// <summary>
/// Catalogues in which all features change with time, none does, or some do in ways that do not occur in the default one.
/// </summary>
internal static class TimeCatalogues
{
    private const string Order = "\"events\": [\"Order Completed\"]";
    private const string Everything = "\"events\": [\"*\"]";
    private const string Revenue = "\"value\": \"properties.revenue\"";
    private const string Rating = "\"value\": \"properties.rating\"";
    private const string Age = "\"events\": [\"@identify\"], \"value\": \"traits.age\"";
    private const string Signed = "\"events\": [\"*\"], \"value\": \"context.location.latitude\", \"allowsNegative\": true";

    public static FeatureCatalogue[] All { get; } =
    [
        FeatureCatalogue.Default,
        Of(
            $"\"aggregation\": \"decayedCount\", {Everything}, \"halfLifeDays\": 20, \"transform\": \"log1p\"",
            $"\"aggregation\": \"decayedCount\", {Everything}, \"halfLifeDays\": 3",
            $"\"aggregation\": \"timeSince\", {Everything}, \"transform\": \"log1p\"",
            $"\"aggregation\": \"timeSinceFirst\", {Everything}",
            $"\"aggregation\": \"timeSince\", {Order}, \"missing\": \"accountAge\"",
            $"\"aggregation\": \"share\", {Everything}, \"match\": {{\"hours\": [0, 12]}}, \"halfLifeDays\": 40, \"prior\": {{\"weight\": 3, \"mean\": 0.5}}"),
        Of(
            $"\"aggregation\": \"last\", {Age}, \"missing\": \"mean\"",
            $"\"aggregation\": \"first\", {Age}",
            $"\"aggregation\": \"distinct\", {Everything}, \"value\": \"properties.category\", \"transform\": \"log1p\"",
            $"\"aggregation\": \"intervalMean\", {Order}, \"missing\": \"mean\"",
            $"\"aggregation\": \"decayedMean\", {Order}, {Revenue}, \"halfLifeDays\": 30, \"missing\": \"mean\""),
        Of(
            $"\"aggregation\": \"decayedSum\", {Signed}, \"halfLifeDays\": 7",
            $"\"aggregation\": \"hourCos\", {Everything}, \"halfLifeDays\": 15, \"prior\": {{\"weight\": 2}}",
            $"\"aggregation\": \"hourSin\", {Everything}, \"halfLifeDays\": 400",
            $"\"aggregation\": \"decayedMean\", {Order}, {Revenue}, \"halfLifeDays\": 25, \"prior\": {{\"weight\": 4, \"mean\": 100}}, \"transform\": \"log1p\", \"missing\": \"mean\"",
            $"\"aggregation\": \"decayedMean\", {Order}, {Revenue}, \"halfLifeDays\": 25, \"transform\": \"log1p\", \"missing\": \"accountAge\"",
            $"\"aggregation\": \"ratio\", \"halfLifeDays\": 60, \"prior\": {{\"weight\": 5}}, \"numerator\": {{{Order}}}, \"denominator\": {{{Signed}}}",
            $"\"aggregation\": \"ratio\", \"halfLifeDays\": 60, \"numerator\": {{{Everything}, {Rating}}}, \"denominator\": {{{Order}}}, \"missing\": 3",
            $"\"aggregation\": \"last\", {Age}, \"missing\": \"accountAge\"",
            $"\"aggregation\": \"intervalMean\", {Order}, \"missing\": \"accountAge\", \"transform\": \"log1p\"",
            $"\"aggregation\": \"decayedCount\", {Order}, \"halfLifeDays\": 0.01"),
    ];

    private static FeatureCatalogue Of(params string[] entries) => FeatureCatalogue.Load(Encoding.UTF8.GetBytes(
        "{\"version\": 1, \"features\": [" + string.Join(',', entries.Select((entry, i) =>
            $$"""{"name": "f{{i}}", "kind": "behavioural", {{entry}}, "weight": 1, "unit": "u", "high": "h{{i}}", "low": "l{{i}}"}""")) + "]}"));
}
