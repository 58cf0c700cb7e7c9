using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Training;
using Xunit;

namespace OrleansSegments.UnitTests.Clustering;

public sealed class LloydRoundTests
{
    [Fact]
    public void The_vector_round_equals_the_plain_one_bit_for_bit()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int columns = random.Next(1, 42);
            CentroidSet centroids = WithTwins(ClusterData.Centroids(random, random.Next(1, 65), columns));
            float[][] rows = [.. Enumerable.Range(0, random.Next(1, 2600)).Select(_ => ClusterData.Uniform(random, columns, 8))];
            rows[0] = [.. centroids[0]];
            rows[^1][random.Next(columns)] = seed % 3 == 0 ? float.NaN : seed % 3 == 1 ? float.PositiveInfinity : 1f;
            FeatureMatrix matrix = ClusterData.Matrix(rows);
            byte[] labels = [.. rows.Select(_ => (byte)random.Next(centroids.Count))];
            byte[] plainLabels = [.. labels];

            RoundSums fast = LloydRound.Accumulate(matrix, centroids, labels);
            RoundSums plain = LloydRoundPlain.Accumulate(matrix, centroids, plainLabels);

            Assert.True(labels.SequenceEqual(plainLabels), $"seed {seed}");
            AssertSame(plain, fast, $"seed {seed}");
        }
    }

    [Fact]
    public void Moving_changed_rows_only_gives_the_sums_of_a_full_pass()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            float[][] rows = ClusterData.Groups(seed, 3000, 7, 6);
            FeatureMatrix matrix = ClusterData.Matrix(rows);
            var part = new LloydPart(matrix);
            CentroidSet centroids = ClusterData.Centroids(new Random(seed), 6, 7);
            var labels = new byte[rows.Length];
            Array.Fill(labels, LloydPart.NoLabel);
            for (int round = 0; round < 12; round++)
            {
                RoundSums moved = part.Accumulate(centroids);
                AssertSame(LloydRoundPlain.Accumulate(matrix, centroids, labels), moved, $"seed {seed}, round {round}");
                centroids = moved.Means(centroids);
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Any_split_and_any_order_of_rows_trains_the_same_centroids_bit_for_bit(int parts)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            float[][] rows = ClusterData.Groups(seed, 2500, 9, 5);
            CentroidSet start = ClusterData.Centroids(new Random(seed), 5, 9);
            LloydRun whole = Drive(start, [ClusterData.Matrix(rows)]);
            new Random(seed + 77).Shuffle(rows);

            LloydRun split = Drive(start, ClusterData.Split(rows, parts));

            Assert.Equal(Bits(whole.Centroids), Bits(split.Centroids));
            AssertSame(whole.Measured!, split.Measured!, $"seed {seed}");
            Assert.Equal(whole.Rounds, split.Rounds);
        }
    }

    [Fact]
    public void Inertia_never_rises_from_round_to_round()
    {
        for (int seed = 0; seed < 25; seed++)
        {
            float[][] rows = ClusterData.Groups(seed, 2000, 6, 8, spread: 1.5);
            LloydRun run = Drive(ClusterData.Centroids(new Random(seed), 8, 6), [ClusterData.Matrix(rows)]);

            for (int i = 1; i < run.Inertias.Count; i++)
            {
                // Centres are rounded to float, which may change the last bits.
                Assert.True(run.Inertias[i] <= run.Inertias[i - 1] * (1 + 1e-9), $"seed {seed}, round {i}");
            }
        }
    }

    [Fact]
    public void A_run_measures_exactly_the_centroids_that_it_ends_with()
    {
        float[][] rows = ClusterData.Groups(3, 4000, 5, 4, spread: 2);
        FeatureMatrix matrix = ClusterData.Matrix(rows);
        LloydRun run = LocalTraining.Drive(new LloydRun(ClusterData.Centroids(new Random(3), 4, 5)), [new LloydPart(matrix)]);

        Assert.Equal(run.Centroids.Hash, run.Measured!.CentroidsHash);
        Assert.Equal(LloydRoundPlain.Accumulate(matrix, run.Centroids, new byte[rows.Length]).InertiaUnits, run.Measured.InertiaUnits);
        Assert.NotEqual(LloydStopReason.None, run.StopReason);
    }

    [Fact]
    public void A_late_answer_about_other_centroids_is_refused()
    {
        var random = new Random(1);
        FeatureMatrix matrix = ClusterData.Matrix(ClusterData.Groups(1, 100, 3, 2));
        var part = new LloydPart(matrix);
        RoundSums late = part.Accumulate(ClusterData.Centroids(random, 2, 3));
        CentroidSet asked = ClusterData.Centroids(random, 2, 3);

        Assert.Throws<ArgumentException>(() => new LloydRun(asked).Advance(late));
        Assert.Throws<ArgumentException>(() => part.Accumulate(asked).Merge(late));
    }

    [Fact]
    public void The_variance_parts_of_a_round_are_those_computed_from_the_rows()
    {
        float[][] rows = ClusterData.Groups(9, 700, 4, 3);
        CentroidSet centroids = ClusterData.Centroids(new Random(9), 3, 4);
        RoundSums sums = new LloydPart(ClusterData.Matrix(rows)).Accumulate(centroids);

        Variance variance = Variance.Of(sums, centroids);

        double[] mean = [.. Enumerable.Range(0, 4).Select(d => rows.Average(r => (double)r[d]))];
        double total = rows.Sum(r => r.Select((v, d) => Math.Pow(v - mean[d], 2)).Sum());
        Assert.Equal(total, variance.Total, total * 1e-6);
    }

    /// <summary>The last centroid repeats the first, so that every row nearest to it is a tie.</summary>
    private static CentroidSet WithTwins(CentroidSet centroids)
    {
        float[] values = [.. centroids.Values];
        centroids[0].CopyTo(values.AsSpan((centroids.Count - 1) * centroids.Dimensions));
        return new CentroidSet(centroids.Count, centroids.Dimensions, values);
    }

    private static LloydRun Drive(CentroidSet start, IEnumerable<FeatureMatrix> parts) =>
        LocalTraining.Drive(new LloydRun(start), [.. parts.Select(p => new LloydPart(p))]);

    private static int[] Bits(CentroidSet centroids) => Array.ConvertAll(centroids.Values, BitConverter.SingleToInt32Bits);

    private static void AssertSame(RoundSums expected, RoundSums actual, string context)
    {
        Assert.True(expected.Sums.SequenceEqual(actual.Sums), $"{context}: sums");
        Assert.True(expected.Counts.SequenceEqual(actual.Counts), $"{context}: counts");
        Assert.True(expected.InertiaUnits == actual.InertiaUnits, $"{context}: inertia {expected.InertiaUnits} and {actual.InertiaUnits}");
        Assert.True(expected.SilhouetteUnits == actual.SilhouetteUnits, $"{context}: silhouette");
        Assert.True(expected.Changed == actual.Changed, $"{context}: changed {expected.Changed} and {actual.Changed}");
        Assert.True(expected.InvalidRows == actual.InvalidRows, $"{context}: invalid");
    }
}
