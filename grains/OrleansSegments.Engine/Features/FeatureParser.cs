using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Features;

/// <summary>Reads and checks one entry of the catalogue.</summary>
internal static partial class FeatureParser
{
    public const double HalfLifeDaysMax = 3650;
    public const double PriorMax = 1e9;

    /// <summary>A feature at its clip times its weight must lie on the grid; a heavier one could be served and never trained.</summary>
    public const double WeightMax = FeatureGrid.Limit / FeatureScaling.ClipDefault;

    private const double DayMilliseconds = 86_400_000;

    public static FeatureDefinition Read(EntryReader entry, IReadOnlyList<string> homeCountries)
    {
        var name = entry.Text("name", "an entry has a name");
        if (name.Length > 0 && !NamePattern().IsMatch(name))
        {
            entry.Refuse("name", $"\"{name}\"", "a name is a small letter followed by at most 47 small letters, digits or _", "Rename it, for example orders_90d.");
        }

        var aggregation = entry.Choice<Aggregation>("aggregation");
        var (source, denominator) = Sources(entry, aggregation, homeCountries);
        var prior = entry.Child("prior");
        var (missing, missingValue) = Missing(entry);
        var feature = new FeatureDefinition
        {
            Name = name,
            Factor = entry.Choice<FactorKind>("kind"),
            Aggregation = aggregation,
            Source = source,
            Denominator = denominator,
            Match = SourceParser.ReadMatch(entry, homeCountries),
            HalfLifeMilliseconds = entry.Number("halfLifeDays", 0.01, HalfLifeDaysMax, double.PositiveInfinity) * DayMilliseconds,
            PriorWeight = prior?.Number("weight", 0, PriorMax, 0) ?? 0,
            PriorMean = prior?.Number("mean", -PriorMax, PriorMax, 0) ?? 0,
            Transform = entry.Choice<Transform>("transform", Transform.None),
            Weight = entry.Number("weight", 0.001, WeightMax, 1),
            Missing = missing,
            MissingValue = missingValue,
            Unit = entry.Text("unit", "an entry names the unit of its value"),
            High = entry.Text("high", "an entry has words for customers far above the others"),
            Low = entry.Text("low", "an entry has words for customers far below the others"),
        };
        prior?.RefuseUnknown();
        FeatureRules.Check(entry, feature);
        entry.RefuseUnknown();
        return feature;
    }

    private static (EventSource Source, EventSource? Denominator) Sources(EntryReader entry, Aggregation aggregation, IReadOnlyList<string> homeCountries)
    {
        if (aggregation != Aggregation.Ratio)
        {
            return (SourceParser.Read(entry, homeCountries), null);
        }

        return (Part(entry, "numerator", homeCountries), Part(entry, "denominator", homeCountries));
    }

    private static EventSource Part(EntryReader entry, string property, IReadOnlyList<string> homeCountries)
    {
        if (entry.Child(property) is { } part)
        {
            var source = SourceParser.Read(part, homeCountries);
            part.RefuseUnknown();
            return source;
        }

        if (!entry.Has(property))
        {
            entry.Refuse(property, "missing", "a ratio has a numerator and a denominator", $"Add \"{property}\": {{\"events\": [...]}}.");
        }

        return new EventSource([], [], [], ValueMapping.Numeric, false);
    }

    private static (MissingRule Rule, double Value) Missing(EntryReader entry)
    {
        if (entry.Raw("missing") is not { } value)
        {
            return (MissingRule.Value, 0);
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && Math.Abs(number) <= PriorMax)
        {
            return (MissingRule.Value, number);
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (text is not ("accountAge" or "mean"))
        {
            entry.Refuse("missing", value.GetRawText(), "it must be a number, \"accountAge\" or \"mean\"", "Choose one of these.");
        }

        return (text == "accountAge" ? MissingRule.AccountAge : MissingRule.Mean, 0);
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,47}$")]
    private static partial Regex NamePattern();
}
