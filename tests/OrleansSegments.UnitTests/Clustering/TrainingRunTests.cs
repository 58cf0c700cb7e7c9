using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Training;
using Xunit;

namespace OrleansSegments.UnitTests.Clustering;

public sealed class TrainingRunTests
{
    private static readonly TrainingOptions Five = new() { Clusters = new ClusterCountOptions { Min = 5, Max = 5 } };

    [Fact]
    public void A_training_gives_the_same_bits_for_one_part_and_for_eight()
    {
        float[][] rows = ClusterData.Groups(8, 4000, 12, 5);

        TrainingOutcome one = Train(rows, 1, Five);
        TrainingOutcome eight = Train(rows, 8, Five);

        Assert.Equal(one.Centroids.Values, eight.Centroids.Values);
        Assert.Equal(one.Sums.InertiaUnits, eight.Sums.InertiaUnits);
        Assert.Equal(4000, one.Sums.Rows);
    }

    [Fact]
    public void A_seeder_begins_a_first_training_and_without_rounds_its_centroids_are_measured_as_they_are()
    {
        float[][] rows = ClusterData.Groups(8, 4000, 12, 5);
        var seeder = new FirstRows();

        TrainingOutcome bare = Train(rows, 2, Five with { Seeder = seeder, Lloyd = LloydOptions.Default with { RoundsMax = 0 } });
        TrainingOutcome refined = Train(rows, 2, Five with { Seeder = seeder });

        Assert.Equal(5, seeder.Asked);
        Assert.Equal(seeder.Given!.Values, bare.Centroids.Values);
        Assert.Equal((0, bare.Centroids.Hash), (bare.Rounds, bare.Sums.CentroidsHash));
        Assert.True(refined.Sums.Inertia < bare.Sums.Inertia, $"{refined.Sums.Inertia} after rounds, {bare.Sums.Inertia} without");
    }

    [Fact]
    public void A_second_training_on_the_same_customers_keeps_the_centroids()
    {
        float[][] rows = ClusterData.Groups(8, 4000, 12, 5);
        TrainingOutcome first = Train(rows, 2, Five with { Lloyd = LloydOptions.Exhaustive });

        TrainingOutcome second = Train(rows, 2, Five, first.Centroids);

        Assert.Equal(TrainingOrigin.Warm, second.Origin);
        Assert.Equal(first.Centroids.Values, second.Centroids.Values);
        Assert.Equal(first.Sums.Inertia, second.PublishedInertia);
    }

    [Fact]
    public void A_challenger_that_is_clearly_better_takes_over()
    {
        float[][] rows = ClusterData.Groups(8, 4000, 12, 5);
        float[] crowded = [.. Enumerable.Repeat(rows[0], 5).SelectMany((r, i) => r.Select(v => v + (i * 0.01f)))];

        TrainingOutcome outcome = Train(rows, 1, Five, new CentroidSet(5, 12, crowded));

        double best = Train(rows, 1, Five).Sums.Inertia;
        Assert.Equal(best, outcome.Sums.Inertia, best * 0.002);
    }

    [Fact]
    public void A_starved_segment_keeps_its_centre_once_and_is_seated_elsewhere_the_next_time()
    {
        float[][] rows = ClusterData.Groups(8, 4000, 12, 5);
        CentroidSet good = Train(rows, 1, Five).Centroids;
        float[] values = [.. good.Values];
        Array.Fill(values, -8f, 4 * 12, 12);
        var published = new CentroidSet(5, 12, values);
        // Only four groups remain, so the far centre has no rows and a fifth centre gains little.
        float[][] fewer = [.. rows.Where(r => Enumerable.Range(0, 5).MinBy(k => good.Distance(k, r)) != 4)];

        TrainingOutcome first = Train(fewer, 1, Five, published);
        TrainingOutcome second = Train(fewer, 1, Five, first.Centroids, first.StarvedTrainings);

        Assert.Equal(0, first.Sums.Counts[4]);
        Assert.Equal(published[4].ToArray(), first.Centroids[4].ToArray());
        Assert.Equal([0, 0, 0, 0, 1], first.StarvedTrainings);
        Assert.Equal(first.Centroids.Hash, first.Sums.CentroidsHash);
        Assert.True(second.Sums.Counts[4] >= 50);
        Assert.Equal([0, 0, 0, 0, 0], second.StarvedTrainings);
        Assert.True(second.Sums.Inertia < first.Sums.Inertia);
    }

    [Theory]
    [InlineData(1_000_000, 8, 1000)]
    [InlineData(10_000, 8, 50)]
    [InlineData(400, 4, 10)]
    [InlineData(3, 4, 1)]
    public void What_counts_as_starved_depends_on_the_population(long population, int clusters, long needed) =>
        Assert.Equal(needed, Starvation.SizeMin(population, clusters));

    private static TrainingOutcome Train(
        float[][] rows, int parts, TrainingOptions options, CentroidSet? published = null, int[]? starved = null)
    {
        var sample = new SampleSketch(rows[0].Length, options.Seed, 2000);
        for (int i = 0; i < rows.Length; i++)
        {
            sample.Add(Engine.Clustering.StableHash.Of($"{i}"), rows[i]);
        }

        var run = new TrainingRun(sample.ToMatrix(), options, published, starved);
        return LocalTraining.Drive(run, [.. ClusterData.Split(rows, parts).Select(p => new LloydPart(p))]);
    }

    /// <summary>The first rows of the sample as centroids.</summary>
    private sealed class FirstRows : ISampleSeeder
    {
        public int Asked { get; private set; }

        public CentroidSet? Given { get; private set; }

        public CentroidSet Seed(FeatureMatrix sample, int count, ulong seed)
        {
            Asked = count;
            var values = new float[count * sample.Columns];
            for (var row = 0; row < count; row++)
                sample.GetRow(row, values.AsSpan(row * sample.Columns, sample.Columns));

            return Given = new CentroidSet(count, sample.Columns, values);
        }
    }
}
