using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

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
