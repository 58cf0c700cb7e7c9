using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using Xunit;

namespace OrleansSegments.UnitTests.Clustering;

public sealed class SeedingTests
{
    [Fact]
    public void The_sample_is_the_same_however_the_customers_are_spread()
    {
        float[][] rows = ClusterData.Groups(4, 3000, 3, 4);
        var whole = new SampleSketch(3, seed: 42, sizeMax: 500);
        SampleSketch[] parts = [.. Enumerable.Range(0, 4).Select(_ => new SampleSketch(3, 42, 500))];
        for (int i = 0; i < rows.Length; i++)
        {
            ulong customer = Engine.Clustering.StableHash.Of($"c:{i}");
            whole.Add(customer, rows[i]);
            parts[(i * 7) % 4].Add(customer, rows[i]);
        }

        parts[3].Merge(parts[0]);
        parts[2].Merge(parts[1]);
        parts[3].Merge(parts[2].Snapshot());

        Assert.Equal(500, whole.Count);
        Assert.Equal(whole.Snapshot().Ranks, parts[3].Snapshot().Ranks);
        Assert.Equal(whole.Snapshot().Values, parts[3].Snapshot().Values);
    }

    [Fact]
    public void Another_seed_draws_another_sample()
    {
        var first = new SampleSketch(1, 1, 10);
        var second = new SampleSketch(1, 2, 10);
        for (int i = 0; i < 1000; i++)
        {
            first.Add(Engine.Clustering.StableHash.Of($"{i}"), [i]);
            second.Add(Engine.Clustering.StableHash.Of($"{i}"), [i]);
        }

        Assert.NotEqual(first.Snapshot().Values.Order(), second.Snapshot().Values.Order());
    }

    [Fact]
    public void A_broken_row_never_enters_the_sample()
    {
        var sample = new SampleSketch(2, 1, 10);
        sample.Add(1, [float.NaN, 0]);
        sample.Add(2, [0, float.PositiveInfinity]);

        Assert.Equal(0, sample.Count);
    }

    [Fact]
    public void Seeding_is_a_function_of_the_sample_and_the_seed()
    {
        FeatureMatrix sample = ClusterData.Matrix(ClusterData.Groups(6, 2000, 8, 6));

        SampleFit once = SwapSearch.FromScratch(sample, 6, seed: 9);
        SampleFit again = SwapSearch.FromScratch(sample, 6, seed: 9);

        Assert.Equal(once.Centroids.Values, again.Centroids.Values);
    }

    [Fact]
    public void Swaps_find_every_one_of_sixteen_unequal_groups()
    {
        for (int seed = 0; seed < 3; seed++)
        {
            FeatureMatrix sample = ClusterData.Matrix(ClusterData.Groups(seed, 4000, 16, 16, spread: 0.5));

            double[] inertias = [.. Enumerable.Range(1, 3).Select(s => SwapSearch.FromScratch(sample, 16, (ulong)s).Inertia)];

            Assert.True(inertias.Max() < 1.001 * inertias.Min(), $"seed {seed}: {string.Join(", ", inertias)}");
            Assert.True(inertias.Max() < 4000 * 16 * 0.25 * 1.02, $"seed {seed}: {inertias.Max()} is above the noise of the groups");
        }
    }

    [Fact]
    public void Fewer_distinct_customers_than_clusters_is_not_a_failure()
    {
        FeatureMatrix sample = ClusterData.Matrix([.. Enumerable.Range(0, 50).Select(i => new float[] { i % 2 })]);

        SampleFit fit = SwapSearch.FromScratch(sample, 5, 1);

        Assert.Equal(0, fit.Inertia);
        Assert.Equal(50, fit.Sums.Rows);
    }
}
