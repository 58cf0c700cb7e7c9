using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// Random swaps (Fränti 2018): moves one centre to a distant row of the sample, runs a few Lloyd rounds and keeps the result if its inertia
/// is lower. Every other trial moves the least useful centre, which finds most of the gain in few trials; the rest move a random one.
/// Escapes local optima in which plain k-means++ stays. Pure: the same sample, start and seed give the same centroids. Cost: about
/// <c>trials x 4</c> Lloyd rounds over the sample.
/// </summary>
public static class SwapSearch
{
    /// <summary>Lloyd rounds after every swap.</summary>
    public const int RoundsPerTrial = 2;

    /// <summary>Further rounds for a promising swap: where groups overlap, a better optimum shows late.</summary>
    public const int RoundsForPromising = 20;

    private const double PromisingRatio = 1.03;

    private const ulong WarmStream = 1UL << 32;
    private const ulong ReseatStream = 2UL << 32;

    /// <summary>Number of trials for K clusters: 10 K, at least 64 and at most 160.</summary>
    public static int TrialsFor(int count) => count == 1 ? 0 : Math.Clamp(10 * count, 64, 160);

    /// <summary>k-means++, then swaps, refined on the sample.</summary>
    public static SampleFit FromScratch(FeatureMatrix sample, int count, ulong seed, int? trials = null)
    {
        var random = new CounterRandom(seed, (uint)count);
        SampleFit start = Polish(sample, KMeansPlusPlus.Seed(sample, count, random), LloydOptions.Default.RoundsMax);
        return Improve(sample, start, trials ?? TrialsFor(count), random);
    }

    /// <summary>Swaps starting from given centroids, for example the published ones.</summary>
    public static SampleFit From(FeatureMatrix sample, CentroidSet start, ulong seed, int? trials = null)
    {
        var random = new CounterRandom(seed, WarmStream + (uint)start.Count);
        SampleFit polished = Polish(sample, start, LloydOptions.Default.RoundsMax);
        return Improve(sample, polished, trials ?? TrialsFor(start.Count), random);
    }

    /// <summary>
    /// Moves a centre whose segment ended to the place that lowers the sample's inertia most: the best of the trials, even if it is no
    /// better than leaving the centre where it is.
    /// </summary>
    public static SampleFit Reseat(FeatureMatrix sample, CentroidSet centroids, int index, ulong seed, int? trials = null)
    {
        var random = new CounterRandom(seed, ReseatStream + (uint)index);
        SwapSurvey survey = SwapSurvey.Of(sample, centroids);
        SampleFit? best = null;
        for (int trial = 0; trial < Math.Max(1, trials ?? TrialsFor(centroids.Count)); trial++)
        {
            SampleFit fit = Polish(sample, Swap(sample, centroids, index, survey, random), RoundsPerTrial);
            best = best is null || fit.InertiaUnits < best.InertiaUnits ? fit : best;
        }

        return best!;
    }

    /// <summary>Lloyd rounds on the sample from given centres.</summary>
    public static SampleFit Polish(FeatureMatrix sample, CentroidSet start, int roundsMax)
    {
        var part = new LloydPart(sample);
        var run = new LloydRun(start, LloydOptions.Exhaustive with { RoundsMax = roundsMax });
        while (!run.Advance(part.Accumulate(run.Centroids)))
        {
        }

        return new SampleFit(run.Centroids, run.Measured!);
    }

    /// <summary>Measures given centroids on the sample.</summary>
    public static SampleFit Measure(FeatureMatrix sample, CentroidSet centroids) => new(centroids, new LloydPart(sample).Accumulate(centroids));

    private static SampleFit Improve(FeatureMatrix sample, SampleFit best, int trials, CounterRandom random)
    {
        bool improved = false;
        SwapSurvey? survey = null;
        for (int trial = 0; trial < trials; trial++)
        {
            survey ??= SwapSurvey.Of(sample, best.Centroids);
            int index = trial % 2 == 0 ? survey.LeastMissed : (int)random.Next(best.Centroids.Count);
            SampleFit fit = Polish(sample, Swap(sample, best.Centroids, index, survey, random), RoundsPerTrial);
            if (fit.Inertia < PromisingRatio * best.Inertia && fit.InertiaUnits >= best.InertiaUnits)
            {
                fit = Polish(sample, fit.Centroids, RoundsForPromising);
            }

            if (fit.InertiaUnits < best.InertiaUnits)
            {
                (best, survey, improved) = (fit, null, true);
            }
        }

        return improved ? Polish(sample, best.Centroids, LloydOptions.Default.RoundsMax) : best;
    }

    private static CentroidSet Swap(FeatureMatrix sample, CentroidSet centroids, int index, SwapSurvey survey, CounterRandom random)
    {
        int row = KMeansPlusPlus.Draw(survey.Distances, random);
        float[] values = [.. centroids.Values];
        sample.GetRow(row, values.AsSpan(index * centroids.Dimensions, centroids.Dimensions));
        return new CentroidSet(centroids.Count, centroids.Dimensions, values);
    }
}

/// <summary>
/// The basis for swaps: each row's distance to its centre, and the least useful centre, whose rows would lose least by moving to their
/// second-nearest centre.
/// </summary>
internal sealed record SwapSurvey(long[] Distances, int LeastMissed)
{
    public static unsafe SwapSurvey Of(FeatureMatrix sample, CentroidSet centroids)
    {
        float* best = stackalloc float[FeatureMatrix.BlockRows];
        float* second = stackalloc float[FeatureMatrix.BlockRows];
        int* label = stackalloc int[FeatureMatrix.BlockRows];
        var distances = new long[sample.Rows];
        var losses = new long[centroids.Count];
        for (int block = 0; block < sample.Blocks; block++)
        {
            int rows = sample.RowsIn(block);
            NearestKernel.Sweep(sample.BlockPointer(block), rows, centroids, best, second, label);
            for (int row = 0; row < rows; row++)
            {
                long units = FeatureGrid.DistanceUnits(best[row]);
                distances[(block * FeatureMatrix.BlockRows) + row] = units;
                losses[label[row]] += FeatureGrid.DistanceUnits(second[row]) - units;
            }
        }

        GC.KeepAlive(sample);
        return new SwapSurvey(distances, Array.IndexOf(losses, losses.Min()));
    }
}

/// <summary>Centroids fitted to a sample, and the sample's sums under exactly these centroids.</summary>
public sealed record SampleFit(CentroidSet Centroids, RoundSums Sums)
{
    public long InertiaUnits => Sums.InertiaUnits;

    public double Inertia => Sums.Inertia;

    /// <summary>Share of the sample in the smallest cluster.</summary>
    public double SmallestShare => Sums.Rows == Sums.InvalidRows ? 0 : (double)Sums.Counts.Min() / (Sums.Rows - Sums.InvalidRows);
}
