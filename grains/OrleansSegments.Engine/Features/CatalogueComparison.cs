namespace OrleansSegments.Engine.Features;

/// <summary>What a catalogue changes in a store that another one has served until now.</summary>
/// <param name="Kept">Features with the same value and weight.</param>
/// <param name="Removed">Features that are no longer collected.</param>
public sealed record CatalogueComparison(
    IReadOnlyList<string> Kept, IReadOnlyList<FeatureBeginning> New, IReadOnlyList<FeatureBeginning> Changed, IReadOnlyList<string> Removed)
{
    /// <param name="before">The catalogue in force; null for a new store.</param>
    /// <param name="after">The catalogue that would be, with the times at which its features would begin.</param>
    public static CatalogueComparison Of(FeatureCatalogue? before, FeatureCatalogue after)
    {
        Dictionary<string, FeatureDefinition> known = before?.Features.ToDictionary(x => x.Name, StringComparer.Ordinal) ?? [];
        HashSet<long> times = [0, .. known.Values.Select(x => x.SinceMilliseconds)];
        FeatureBeginning Beginning(FeatureDefinition x) => new(x.Name, BeginsEmpty: !times.Contains(x.SinceMilliseconds));
        bool IsKept(FeatureDefinition x) => known.TryGetValue(x.Name, out var old)
            && old.Weight.Equals(x.Weight) && FeatureCatalogue.MeaningOf(old) == FeatureCatalogue.MeaningOf(x);
        return new(
            [.. after.Features.Where(IsKept).Select(x => x.Name)],
            [.. after.Features.Where(x => !known.ContainsKey(x.Name)).Select(Beginning)],
            [.. after.Features.Where(x => known.ContainsKey(x.Name) && !IsKept(x)).Select(Beginning)],
            [.. known.Keys.Where(name => after.IndexOf(name) < 0)]);
    }
}

/// <summary>A feature that is new or changed.</summary>
/// <param name="BeginsEmpty">False when everything it needs is already collected, for example when only its weight changed.</param>
public sealed record FeatureBeginning(string Name, bool BeginsEmpty);
