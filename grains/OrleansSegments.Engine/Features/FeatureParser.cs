using System.Text.Json;
using System.Text.RegularExpressions;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Features;

/// <summary>Parses and validates one entry of the catalogue.</summary>
internal static partial class FeatureParser
{
    public const double HalfLifeDaysMax = 3650;
    public const double PriorMax = 1e9;

    /// <summary>Clip x weight must lie on the grid; a feature with a larger weight could be served but never trained.</summary>
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
            Weight = entry.Number("weight", 0, WeightMax, 1),
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

/// <summary>Rules that involve more than one property of an entry.</summary>
internal static class FeatureRules
{
    public static void Check(EntryReader entry, FeatureDefinition feature)
    {
        var kind = feature.Aggregation;
        var value = feature.Source.Value;
        if (NeedsValue(kind) && !entry.Has("value"))
        {
            entry.Refuse("value", "missing", $"{kind} aggregates a value", "Add \"value\": \"properties.…\".");
        }

        if (kind == Aggregation.Distinct && value.Any(x => x.Factor is not null))
        {
            entry.Refuse("value", "a product", "distinct values are not multiplied", "Name one path.");
        }

        if (NeedsHalfLife(kind) && double.IsInfinity(feature.HalfLifeMilliseconds) && !entry.Has("halfLifeDays"))
        {
            entry.Refuse("halfLifeDays", "missing", $"{kind} decays", "Add \"halfLifeDays\", for example 90.");
        }

        if (!NeedsHalfLife(kind) && entry.Has("halfLifeDays"))
        {
            entry.Refuse("halfLifeDays", "given", $"{kind} does not decay", "Leave it out.");
        }

        CheckMatchAndPrior(entry, feature);
        CheckTransform(entry, feature);
    }

    private static void CheckMatchAndPrior(EntryReader entry, FeatureDefinition feature)
    {
        var kind = feature.Aggregation;
        if (kind == Aggregation.Share && !entry.Has("match"))
        {
            entry.Refuse("match", "missing", "a share says what it counts", "Add \"match\" with \"hours\", \"weekdays\", or \"path\" and \"equals\".");
        }

        if (kind != Aggregation.Share && entry.Has("match"))
        {
            entry.Refuse("match", "given", "only a share has one", "Leave it out, or use \"where\".");
        }

        if (entry.Has("prior") && kind is not (Aggregation.DecayedMean or Aggregation.Ratio or Aggregation.Share or Aggregation.HourCos or Aggregation.HourSin))
        {
            entry.Refuse("prior", "given", $"{kind} has no denominator to shrink", "Leave it out.");
        }

        if (kind == Aggregation.Share && feature.PriorMean is < 0 or > 1)
        {
            entry.Refuse("prior.mean", $"{feature.PriorMean}", "a share lies between 0 and 1", "Choose a mean in that range.");
        }
    }

    private static void CheckTransform(EntryReader entry, FeatureDefinition feature)
    {
        var signed = feature.Source.AllowsNegative || feature.Aggregation is Aggregation.HourCos or Aggregation.HourSin;
        if (signed && feature.Transform != Transform.None)
        {
            entry.Refuse("transform", $"{feature.Transform}", "values below zero have neither logarithm nor root", "Use \"none\".");
        }

        if (feature.Transform == Transform.Sqrt && feature.Aggregation != Aggregation.Share)
        {
            entry.Refuse("transform", "Sqrt", "the root is for shares", "Use \"log1p\" or \"none\".");
        }
    }

    private static bool NeedsValue(Aggregation kind) =>
        kind is Aggregation.DecayedSum or Aggregation.DecayedMean or Aggregation.Distinct or Aggregation.Last or Aggregation.First;

    private static bool NeedsHalfLife(Aggregation kind) =>
        kind is Aggregation.DecayedCount or Aggregation.DecayedSum or Aggregation.DecayedMean or Aggregation.Ratio
            or Aggregation.Share or Aggregation.HourCos or Aggregation.HourSin;
}
