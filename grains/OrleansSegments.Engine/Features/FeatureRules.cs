namespace OrleansSegments.Engine.Features;

/// <summary>The rules that concern more than one property of an entry.</summary>
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
