using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// Chooses K on a sample: the largest K (1) whose models of random half-samples agree at least as well as those of any other K minus a
/// small tolerance, because a segment that half of the customers do not reproduce is not real, and (2) whose smallest cluster is big
/// enough. The tolerance is needed because one superfluous cluster in eight lowers the agreement only a little, so a fixed bound alone
/// would choose too large a K. If no K qualifies, the most stable one wins; among nearly equal ones the one with the higher variance ratio.
/// Silhouette and the elbow are not used: the former prefers K = 2 on every retail data set seen, the latter has no theoretical support
/// (Schubert 2022).
/// </summary>
public sealed record ClusterCountChoice(int Count, SampleFit Fit, IReadOnlyList<ClusterCountScore> Scores)
{
    private const double Tolerance = 0.02;
    private const double NearlyEqual = 0.02;

    public static ClusterCountChoice Make(FeatureMatrix sample, ulong seed, ClusterCountOptions? options = null)
    {
        ClusterCountOptions chosen = options ?? new ClusterCountOptions();
        FeatureMatrix rows = FirstRows(sample, chosen.SampleRowsMax);
        int max = Math.Max(1, Math.Min(chosen.Max, rows.Rows / 2));
        int min = Math.Min(chosen.Min, max);
        if (min == max)
        {
            return new ClusterCountChoice(max, SwapSearch.FromScratch(sample, max, seed), []);
        }

        ClusterCountScore[] scores = [.. Enumerable.Range(min, max - min + 1).Select(k => Score(rows, k, seed, chosen))];
        int count = Pick(scores).Count;
        return new ClusterCountChoice(count, SwapSearch.FromScratch(sample, count, seed), scores);
    }

    private static ClusterCountScore Pick(ClusterCountScore[] scores)
    {
        ClusterCountScore[] eligible = [.. scores.Where(s => s.IsEligible)];
        if (eligible.Length > 0)
        {
            double mostStable = eligible.Max(s => s.Stability);
            return eligible.Last(s => s.Stability >= mostStable - Tolerance);
        }

        double best = scores.Max(s => s.Stability);
        return scores.Where(s => s.Stability >= best - NearlyEqual).MaxBy(s => s.VarianceRatio)!;
    }

    private static ClusterCountScore Score(FeatureMatrix sample, int count, ulong seed, ClusterCountOptions options)
    {
        SampleFit whole = SwapSearch.FromScratch(sample, count, seed);
        double stability = Stability(sample, count, seed, options.Halves);
        Variance variance = Variance.Of(whole.Sums, whole.Centroids);
        return new ClusterCountScore(
            count,
            stability,
            variance.Ratio(count, whole.Sums.Rows),
            whole.Sums.Silhouette,
            whole.SmallestShare,
            stability >= options.StabilityMin && whole.SmallestShare >= options.SmallestShareMin);
    }

    private static double Stability(FeatureMatrix sample, int count, ulong seed, int halves)
    {
        var labels = new byte[halves][];
        for (int half = 0; half < halves; half++)
        {
            var random = new CounterRandom(seed, ((ulong)(uint)count << 16) + (uint)half + (3UL << 32));
            SampleFit fit = SwapSearch.FromScratch(RandomHalf(sample, random), count, random.NextBits(), trials: 2 * count);
            labels[half] = new byte[sample.Rows];
            LloydRound.Accumulate(sample, fit.Centroids, labels[half]);
        }

        double sum = 0;
        int pairs = 0;
        for (int a = 0; a < halves; a++)
        {
            for (int b = a + 1; b < halves; b++, pairs++)
            {
                sum += Contingency.Of(count, count, labels[a], labels[b]).AdjustedRandIndex;
            }
        }

        return pairs == 0 ? 1 : sum / pairs;
    }

    private static FeatureMatrix RandomHalf(FeatureMatrix sample, CounterRandom random)
    {
        var half = new FeatureMatrix(sample.Columns);
        var row = new float[sample.Columns];
        int wanted = Math.Max(1, sample.Rows / 2);
        for (int i = 0; i < sample.Rows && half.Rows < wanted; i++)
        {
            // Selection sampling: every row has the same probability, and exactly half are taken.
            if (random.Next(sample.Rows - i) < wanted - half.Rows)
            {
                sample.GetRow(i, row);
                half.AddRow(row);
            }
        }

        return half;
    }

    private static FeatureMatrix FirstRows(FeatureMatrix sample, int rowsMax)
    {
        if (sample.Rows <= rowsMax)
        {
            return sample;
        }

        var first = new FeatureMatrix(sample.Columns, rowsMax);
        var row = new float[sample.Columns];
        for (int i = 0; i < rowsMax; i++)
        {
            sample.GetRow(i, row);
            first.SetRow(i, row);
        }

        return first;
    }
}

/// <summary>The number of segments: fixed (both bounds equal), or the range to choose from.</summary>
public sealed record ClusterCountOptions
{
    public int Min { get; init; } = 4;

    public int Max { get; init; } = 10;

    /// <summary>Mean agreement between models of half-samples that a K must reach to count as stable.</summary>
    public double StabilityMin { get; init; } = 0.8;

    /// <summary>Share of the sample that the smallest cluster must have.</summary>
    public double SmallestShareMin { get; init; } = 0.02;

    /// <summary>Half-samples per K.</summary>
    public int Halves { get; init; } = 8;

    /// <summary>Rows of the sample to use, the first in rank order; more rows cost time and change little.</summary>
    public int SampleRowsMax { get; init; } = 4096;
}

/// <summary>The evaluation of one K.</summary>
/// <param name="Stability">Mean adjusted Rand index between models of half-samples, labelling the whole sample.</param>
/// <param name="VarianceRatio">Calinski and Harabasz's ratio on the sample.</param>
/// <param name="Silhouette">Simplified silhouette; reported but not used for the choice.</param>
/// <param name="IsEligible">True when stable enough and no cluster is too small.</param>
public sealed record ClusterCountScore(
    int Count, double Stability, double VarianceRatio, double Silhouette, double SmallestShare, bool IsEligible);
