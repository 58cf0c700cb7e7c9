using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Training;

/// <summary>Decides whether a training may be published. Every gate that applies is asked, so that an operator sees all reasons at once.</summary>
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

    // NaN fails every comparison, so a figure that could not be computed fails its gate.
    private static GateResult Gate(string name, double value, double bound, bool passed, string sentence) =>
        new(name, value, bound, passed, sentence);
}

/// <summary>What the gates look at. Figures that compare with the published model are null where there is none, and their gates are skipped.</summary>
public sealed record GateEvidence
{
    /// <summary>Customers that the directory (the store) says exist.</summary>
    public required long PopulationExpected { get; init; }

    /// <summary>The merged final round.</summary>
    public required RoundSums Sums { get; init; }

    /// <summary>The merged audit of the matrices.</summary>
    public required MatrixAudit Audit { get; init; }

    /// <summary>The population of the published model.</summary>
    public long? PopulationBefore { get; init; }

    /// <summary>Inertia of the published centroids on the same matrix; null also when the scaling or K is another.</summary>
    public double? InertiaBefore { get; init; }

    public double? SilhouetteBefore { get; init; }

    public double? Relabelled { get; init; }

    public double? AdjustedRandIndex { get; init; }

    /// <summary>Clusters whose old centre is kept though they are starved; they do not count for the smallest share.</summary>
    public int KeptStarved { get; init; }
}

/// <summary>The bounds of the quality gates. A training whose figures break one is kept with the reason and not published.</summary>
public sealed record GateLimits
{
    /// <summary>Share of scaled values that lie on the clip.</summary>
    public double ClampedShareMax { get; init; } = 0.01;

    /// <summary>Population relative to the one before.</summary>
    public double PopulationRatioMin { get; init; } = 0.98;

    /// <summary>Inertia relative to the published centroids on the same matrix; a rounding's worth above 1.</summary>
    public double InertiaRatioMax { get; init; } = 1 + 1e-6;

    public double SmallestShareMin { get; init; } = 0.005;

    public double LargestShareMax { get; init; } = 0.6;

    /// <summary>Share of customers that change segment by the change of model alone.</summary>
    public double RelabelledMax { get; init; } = 0.15;

    public double AdjustedRandIndexMin { get; init; } = 0.6;

    /// <summary>How far the simplified silhouette may fall.</summary>
    public double SilhouetteLossMax { get; init; } = 0.02;
}

/// <summary>All gates and the verdict.</summary>
public sealed record GateReport(IReadOnlyList<GateResult> Gates)
{
    public bool Passed => Gates.All(g => g.Passed);

    /// <summary>The sentences of the gates that failed, or that all passed.</summary>
    public string Verdict => Passed
        ? $"All {Gates.Count} gates passed."
        : string.Join(' ', Gates.Where(g => !g.Passed).Select(g => g.Sentence));
}
