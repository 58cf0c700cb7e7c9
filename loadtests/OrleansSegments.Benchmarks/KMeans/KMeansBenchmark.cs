using System.Diagnostics;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Benchmarks.KMeans;

/// <summary>
/// Times Lloyd rounds over one part on one core, the choice of K, and the placing of a single customer. Data is seeded: 16 overlapping groups.
/// Figures depend on who else uses the machine; take the best of several rounds as the cost and the median as the experience.
/// </summary>
public static class KMeansBenchmark
{
    public static KMeansFigures Measure(int rows = 1_000_000, int columns = 16, int clusters = 16, int rounds = 10)
    {
        FeatureMatrix matrix = Groups(rows, columns, clusters);
        FeatureMatrix sample = Groups(16_384, columns, clusters);
        SampleFit? fit = null;
        double seeding = Milliseconds(() => fit = SwapSearch.FromScratch(sample, clusters, seed: 7));
        double choice = Milliseconds(() => ClusterCountChoice.Make(sample, 7));

        var part = new LloydPart(matrix);
        CentroidSet centroids = KMeansPlusPlus.Seed(sample, clusters, new CounterRandom(3));
        RoundSums sums = RoundSums.Empty(centroids);
        double first = Milliseconds(() => sums = part.Accumulate(centroids));
        var times = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            centroids = sums.Means(centroids);
            times[i] = Milliseconds(() => sums = part.Accumulate(centroids));
        }

        Array.Sort(times);
        return new KMeansFigures(rows, columns, clusters, first, times[0], times[rounds / 2], seeding, choice, DecideNanoseconds(matrix, fit!.Centroids));
    }

    private static double DecideNanoseconds(FeatureMatrix matrix, CentroidSet centroids)
    {
        SegmentModel model = SegmentModel.Bootstrap(0, [.. Enumerable.Range(0, centroids.Dimensions).Select(d => $"f{d}")], default) with
        {
            Centroids = centroids,
            SegmentIds = [.. Enumerable.Range(0, centroids.Count)],
            SegmentNames = [.. Enumerable.Range(0, centroids.Count).Select(k => $"{k}")],
            NextSegmentId = centroids.Count,
        };
        const int Calls = 200_000;
        var rows = new float[256][];
        for (int i = 0; i < rows.Length; i++)
        {
            matrix.GetRow(i, rows[i] = new float[matrix.Columns]);
        }

        double best = double.MaxValue;
        for (int repeat = 0; repeat < 5; repeat++)
        {
            best = Math.Min(best, Milliseconds(() =>
            {
                for (int i = 0; i < Calls; i++)
                {
                    model.Classifier.Decide(rows[i & 255], i & 7);
                }
            }));
        }

        return best * 1e6 / Calls;
    }

    /// <summary>Seeded rows of overlapping groups, in no order.</summary>
    internal static FeatureMatrix Groups(int rows, int columns, int groups)
    {
        var random = new CounterRandom(11);
        var centres = new double[groups * columns];
        for (int i = 0; i < centres.Length; i++)
        {
            centres[i] = Uniform(random) * 5;
        }

        var matrix = new FeatureMatrix(columns, rows);
        var row = new float[columns];
        for (int i = 0; i < rows; i++)
        {
            int group = (int)random.Next(groups);
            for (int d = 0; d < columns; d++)
            {
                double noise = Uniform(random) + Uniform(random) + Uniform(random) + Uniform(random);
                row[d] = FeatureGrid.Round(centres[(group * columns) + d] + (1.7 * noise));
            }

            matrix.SetRow(i, row);
        }

        return matrix;
    }

    private static double Uniform(CounterRandom random) => (random.NextBits() >> 11) * (1.0 / (1UL << 53)) - 0.5;

    private static double Milliseconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
