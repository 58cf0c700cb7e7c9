using System.Diagnostics;
using OrleansSegments.Benchmarks.Reports;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Benchmarks.KMeans;

/// <summary>Runs <see cref="KMeansBenchmark"/> five times.</summary>
internal static class KMeansCommand
{
    private const int Runs = 5;

    public static int Run()
    {
        KMeansBenchmark.Measure(rows: 50_000);
        KMeansFigures[] runs = [.. Enumerable.Range(0, Runs).Select(_ => KMeansBenchmark.Measure())];
        return BenchReport.Write(
            "kmeans",
            "1,000,000 x 16, K = 16, one core; the later rounds move changed rows only, with the bits of a full round.",
            [
                new("first round, every row summed", "ms", 100, true, [.. runs.Select(r => r.FirstRoundMilliseconds)]),
                new("later round, median", "ms", 100, true, [.. runs.Select(r => r.RoundMillisecondsP50)]),
                new("seeding on a sample of 16,384", "ms", null, true, [.. runs.Select(r => r.SeedingMilliseconds)]),
                new("choosing K from 4 to 10", "ms", null, true, [.. runs.Select(r => r.ChoiceMilliseconds)]),
                new("one customer's segment", "ns", 1_000, true, [.. runs.Select(r => r.DecideNanoseconds)]),
            ]);
    }
}

/// <summary>
/// Measures Lloyd rounds over one part on one core, the choice of K, and the placement of a single customer. Seeded data: 16 overlapping
/// groups. Results depend on other load on the machine; take the fastest round as the cost and the median as typical.
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

    /// <summary>Seeded rows of overlapping groups in random order.</summary>
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

/// <summary>Results of <see cref="KMeansBenchmark"/>. One core; milliseconds except for the last.</summary>
/// <param name="FirstRoundMilliseconds">A round that sums every row.</param>
/// <param name="RoundMillisecondsMin">The fastest of the later rounds, which move changed rows only.</param>
/// <param name="RoundMillisecondsP50">Their median.</param>
/// <param name="SeedingMilliseconds">k-means++ and swaps on 16,384 rows.</param>
/// <param name="ChoiceMilliseconds">The choice of K from 4 to 10 on 4,096 rows, and the seeding with the chosen K.</param>
/// <param name="DecideNanoseconds">One customer's segment, with hysteresis.</param>
public sealed record KMeansFigures(
    int Rows,
    int Columns,
    int Clusters,
    double FirstRoundMilliseconds,
    double RoundMillisecondsMin,
    double RoundMillisecondsP50,
    double SeedingMilliseconds,
    double ChoiceMilliseconds,
    double DecideNanoseconds);
