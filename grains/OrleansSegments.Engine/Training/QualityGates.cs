using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Training;

/// <summary>
/// Decides whether a training may be published. Evaluates every applicable gate, so that an operator sees all reasons at once.
/// </summary>
public static class QualityGates
{
    public static GateReport Judge(GateEvidence evidence, GateLimits? limits = null)
    {
        GateLimits bounds = limits ?? new GateLimits();
        List<GateResult> gates = [.. Integrity(evidence, bounds), .. Shape(evidence, bounds), .. Continuity(evidence, bounds)];
        return new GateReport(gates);
    }

    private static IEnumerable<GateResult> Integrity(GateEvidence e, GateLimits limits)
    {
        yield return Gate("countsAddUp", e.Sums.Rows, e.PopulationExpected, e.Sums.Rows == e.PopulationExpected,
            $"{e.Sums.Rows} customers took part; {e.PopulationExpected} exist.");
        long broken = e.Sums.InvalidRows + e.Audit.NotFinite;
        yield return Gate("allFinite", broken, 0, broken == 0,
            $"{e.Audit.NotFinite} values in {e.Sums.InvalidRows} customers are not finite; none may be.");
        yield return Gate("onGrid", e.Audit.OffGrid, 0, e.Audit.OffGrid == 0,
            $"{e.Audit.OffGrid} values are off the grid or out of range; none may be, or sums are not exact.");
        yield return Gate("clampedShare", e.Audit.ClampedShare, limits.ClampedShareMax, e.Audit.ClampedShare <= limits.ClampedShareMax,
            $"{e.Audit.ClampedShare:P2} of the values lie on the clip; at most {limits.ClampedShareMax:P2} may, else fit the scaling again.");
    }

    private static IEnumerable<GateResult> Shape(GateEvidence e, GateLimits limits)
    {
        long population = Math.Max(1, e.Sums.Counts.Sum());
        long[] sizes = [.. e.Sums.Counts.Order().Skip(e.KeptStarved)];
        if (e.Sums.Count < 2 || sizes.Length == 0)
        {
            yield break;
        }

        double needed = Math.Max(
            limits.SmallestShareMin * population, Starvation.SizeMin(population, e.Sums.Count));
        yield return Gate("smallestSegment", (double)sizes[0] / population, needed / population, sizes[0] >= needed,
            $"The smallest segment has {sizes[0]} customers; it must have {Math.Ceiling(needed)}.");
        double largest = (double)sizes[^1] / population;
        yield return Gate("largestShare", largest, limits.LargestShareMax, largest <= limits.LargestShareMax,
            $"The largest segment has {largest:P1} of the customers; at most {limits.LargestShareMax:P1} may be in one.");
    }

    private static IEnumerable<GateResult> Continuity(GateEvidence e, GateLimits limits)
    {
        if (e.PopulationBefore is > 0 and { } before)
        {
            double ratio = (double)e.Sums.Rows / before;
            yield return Gate("populationKept", ratio, limits.PopulationRatioMin, ratio >= limits.PopulationRatioMin,
                $"The population is {ratio:P1} of the last model's; at least {limits.PopulationRatioMin:P1} must take part.");
        }

        if (e.InertiaBefore is { } inertia)
        {
            double ratio = inertia > 0 ? e.Sums.Inertia / inertia : e.Sums.Inertia > 0 ? double.PositiveInfinity : 1;
            yield return Gate("inertia", ratio, limits.InertiaRatioMax, ratio <= limits.InertiaRatioMax,
                $"Inertia is {ratio:F4} of the published centroids' on the same customers; it must not be higher.");
        }

        if (e.SilhouetteBefore is { } silhouette)
        {
            double bound = silhouette - limits.SilhouetteLossMax;
            yield return Gate("silhouette", e.Sums.Silhouette, bound, e.Sums.Silhouette >= bound,
                $"The simplified silhouette is {e.Sums.Silhouette:F3} after {silhouette:F3}; it may lose {limits.SilhouetteLossMax:F3}.");
        }

        if (e.Relabelled is { } relabelled)
        {
            yield return Gate("relabelled", relabelled, limits.RelabelledMax, relabelled <= limits.RelabelledMax,
                $"{relabelled:P1} of the customers change segment by the model alone; at most {limits.RelabelledMax:P1} may.");
        }

        if (e.AdjustedRandIndex is { } agreement)
        {
            yield return Gate("agreement", agreement, limits.AdjustedRandIndexMin, agreement >= limits.AdjustedRandIndexMin,
                $"The adjusted Rand index with the published model is {agreement:F3}; it must be {limits.AdjustedRandIndexMin:F2}.");
        }
    }

    // NaN fails every comparison, so a value that could not be computed fails its gate.
    private static GateResult Gate(string name, double value, double bound, bool passed, string sentence) =>
        new(name, value, bound, passed, sentence);
}

/// <summary>
/// The input of the gates. Values that compare with the published model are null when there is none, and their gates are skipped.
/// </summary>
public sealed record GateEvidence
{
    /// <summary>Number of customers according to the store.</summary>
    public required long PopulationExpected { get; init; }

    /// <summary>The merged final round.</summary>
    public required RoundSums Sums { get; init; }

    /// <summary>The merged audit of the matrices.</summary>
    public required MatrixAudit Audit { get; init; }

    /// <summary>The population of the published model.</summary>
    public long? PopulationBefore { get; init; }

    /// <summary>Inertia of the published centroids on the same matrix; null also when the scaling or K differs.</summary>
    public double? InertiaBefore { get; init; }

    public double? SilhouetteBefore { get; init; }

    public double? Relabelled { get; init; }

    public double? AdjustedRandIndex { get; init; }

    /// <summary>Clusters that keep their old centre although they are starved; excluded from the smallest share.</summary>
    public int KeptStarved { get; init; }
}

/// <summary>The limits of the quality gates. A training that violates one is kept with the reason and not published.</summary>
public sealed record GateLimits
{
    /// <summary>Share of scaled values that are clamped.</summary>
    public double ClampedShareMax { get; init; } = 0.01;

    /// <summary>Population relative to the previous model's.</summary>
    public double PopulationRatioMin { get; init; } = 0.98;

    /// <summary>Inertia relative to the published centroids on the same matrix; above 1 only by rounding.</summary>
    public double InertiaRatioMax { get; init; } = 1 + 1e-6;

    public double SmallestShareMin { get; init; } = 0.005;

    public double LargestShareMax { get; init; } = 0.6;

    /// <summary>Share of customers whose segment differs because of the new model alone.</summary>
    public double RelabelledMax { get; init; } = 0.15;

    public double AdjustedRandIndexMin { get; init; } = 0.6;

    /// <summary>Maximum loss of the simplified silhouette.</summary>
    public double SilhouetteLossMax { get; init; } = 0.02;
}

/// <summary>All gate results and the verdict.</summary>
public sealed record GateReport(IReadOnlyList<GateResult> Gates)
{
    public bool Passed => Gates.All(g => g.Passed);

    /// <summary>The sentences of the failed gates, or a sentence saying that all passed.</summary>
    public string Verdict => Passed
        ? $"All {Gates.Count} gates passed."
        : string.Join(' ', Gates.Where(g => !g.Passed).Select(g => g.Sentence));
}
