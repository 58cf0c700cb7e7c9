using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Naming;

/// <summary>
/// Names segments by what distinguishes them from the population: the features with the largest deviation of the centre, in population
/// standard deviations, times the between-segment share of the feature's variance. Names are unique within a model and stay with the
/// segment id: a segment is renamed only when the features in its name are not among its leading ones in two consecutive models.
/// </summary>
public sealed class SegmentNamer
{
    private const int TraitsToldMax = 6;
    private const int TraitsInName = 2;
    private const int TraitsThatKeepAName = 4;
    private const int ModelsBeforeRenaming = 2;
    private const double ZMin = 0.35;
    private const string Unremarkable = "Typical customers";

    private readonly IReadOnlyList<string> _features;
    private readonly IReadOnlyList<FeaturePhrases> _phrases;
    private readonly FeatureScaling _scaling;

    /// <param name="features">Feature names in vector order.</param>
    /// <param name="phrases">Phrases per feature, in the same order.</param>
    public SegmentNamer(IReadOnlyList<string> features, IReadOnlyList<FeaturePhrases> phrases, FeatureScaling scaling)
    {
        if (phrases.Count != features.Count || scaling.Count != features.Count)
        {
            throw new ArgumentException($"{features.Count} features, {phrases.Count} phrases, scaling of {scaling.Count}; they must agree.");
        }

        (_features, _phrases, _scaling) = (features, phrases, scaling);
    }

    /// <param name="profile">The new model's clusters over the population.</param>
    /// <param name="segmentIds">Id per cluster.</param>
    /// <param name="previous">The previous model, for names that stay; null for none.</param>
    public IReadOnlyList<NamedSegment> Name(ClusterProfile profile, IReadOnlyList<int> segmentIds, SegmentModel? previous = null)
    {
        (SegmentTrait Trait, double Score)[][] traits = [.. Enumerable.Range(0, profile.Count).Select(k => TraitsOf(profile, k))];
        var named = new NamedSegment?[profile.Count];
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (int k = 0; k < named.Length; k++)
        {
            named[k] = Kept(segmentIds[k], [.. traits[k].Select(t => t.Trait)], previous);
            if (named[k] is { } kept && !taken.Add(kept.Name))
            {
                named[k] = null;
            }
        }

        // The most distinctive segments get the first choice of names.
        foreach (int k in Enumerable.Range(0, named.Length).Where(k => named[k] is null)
            .OrderByDescending(k => traits[k].Sum(t => t.Score)).ThenBy(k => segmentIds[k]))
        {
            named[k] = Invent([.. traits[k].Select(t => t.Trait)], taken);
        }

        return [.. named.Select(n => n!)];
    }

    private (SegmentTrait Trait, double Score)[] TraitsOf(ClusterProfile profile, int cluster)
    {
        var traits = new List<(SegmentTrait Trait, double Score)>();
        for (int d = 0; d < _features.Count; d++)
        {
            (double mean, double between, double within) = profile.Spread(d);
            double variance = between + within;
            double z = variance > 0 ? (profile.Mean(cluster, d) - mean) / Math.Sqrt(variance) : 0;
            string? phrase = z > 0 ? _phrases[d].High : _phrases[d].Low;

            // A feature without weight describes customers; it does not tell segments apart.
            if (_scaling.Weight[d] > 0 && Math.Abs(z) >= ZMin && !string.IsNullOrWhiteSpace(phrase))
            {
                var trait = new SegmentTrait(
                    _features[d], z, phrase.Trim(), _scaling.Restore(d, profile.Mean(cluster, d)), _scaling.Restore(d, mean));
                traits.Add((trait, Math.Abs(z) * between / variance));
            }
        }

        return [.. traits.OrderByDescending(t => t.Score).ThenBy(t => t.Trait.Feature, StringComparer.Ordinal).Take(TraitsToldMax)];
    }

    private static NamedSegment? Kept(int segmentId, SegmentTrait[] traits, SegmentModel? previous)
    {
        int index = previous is null || previous.IsBootstrap ? -1 : previous.IndexOf(segmentId);
        if (index < 0 || index >= previous!.Descriptions.Count)
        {
            return null;
        }

        SegmentDescription before = previous.Descriptions[index];
        IEnumerable<string> leading = traits.Take(TraitsThatKeepAName).Select(Sign);
        bool stillTrue = before.NamedAfter.Count > 0 ? !before.NamedAfter.Except(leading).Any() : traits.Length == 0;
        int differentFor = stillTrue ? 0 : before.DifferentFor + 1;
        return differentFor >= ModelsBeforeRenaming
            ? null
            : new NamedSegment(previous.SegmentNames[index], new SegmentDescription(traits, before.NamedAfter, differentFor));
    }

    private static NamedSegment Invent(SegmentTrait[] traits, HashSet<string> taken)
    {
        SegmentTrait[] used = [];
        string name = Unremarkable;
        foreach (SegmentTrait[] candidate in Candidates(traits))
        {
            used = candidate;
            name = NameComposer.Compose([.. candidate.Select(t => t.Phrase)]);
            if (!taken.Contains(name))
            {
                break;
            }
        }

        string unique = name;
        for (int number = 2; !taken.Add(unique); number++)
        {
            unique = $"{name} {number}";
        }

        return new NamedSegment(unique, new SegmentDescription(traits, [.. used.Select(Sign).Order(StringComparer.Ordinal)], 0));
    }

    /// <summary>Candidate sets of traits for a name, best first: the two strongest, other pairs, then three.</summary>
    private static IEnumerable<SegmentTrait[]> Candidates(SegmentTrait[] traits)
    {
        if (traits.Length == 1)
        {
            yield return traits;
        }

        for (int first = 0; first < traits.Length; first++)
        {
            for (int second = first + 1; second < traits.Length; second++)
            {
                if (!NameComposer.Stutters(traits[second].Phrase, [traits[first].Phrase]))
                {
                    yield return [traits[first], traits[second]];
                }
            }
        }

        if (traits.Length > TraitsInName)
        {
            yield return traits[..(TraitsInName + 1)];
        }
    }

    private static string Sign(SegmentTrait trait) => (trait.IsHigh ? "+" : "-") + trait.Feature;
}

/// <summary>A segment's name and what it was derived from.</summary>
public sealed record NamedSegment(string Name, SegmentDescription Description);

/// <summary>
/// Phrases for customers with high or low values of a feature; null when a direction is not worth a name. Preferred are people ("big
/// spenders", "evening shoppers") and adjectives ("lapsed", "price-conscious"); other phrases follow the head ("with large orders").
/// </summary>
public sealed record FeaturePhrases(string? High, string? Low);
