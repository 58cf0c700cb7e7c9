using OrleansSegments.Engine.Scaling;
using OrleansSegments.UnitTests.Clustering;
using Xunit;

namespace OrleansSegments.UnitTests.Scaling;

public sealed class FeatureScalingTests
{
    [Fact]
    public void Scaled_values_lie_on_the_grid_and_within_the_clip()
    {
        var random = new Random(5);
        var scaling = new FeatureScaling([0.3, -2, 1e6], [0.7, 3, 1e-3], [4, 8, 3], [1, 1, 0.5]);
        var scaled = new float[3];
        for (int i = 0; i < 5000; i++)
        {
            scaling.Apply([random.NextDouble() * 10, -random.NextDouble() * 1e9, 1e6 + random.NextDouble()], scaled);

            Assert.All(scaled, v => Assert.True(FeatureGrid.Holds(v), $"{v:R} is off the grid"));
            Assert.InRange(scaled[0], -4, 4);
            Assert.InRange(scaled[2], -1.5, 1.5);
        }
    }

    [Fact]
    public void Unknown_and_constant_features_contribute_nothing_and_infinity_is_clamped()
    {
        var scaling = new FeatureScaling([5, 5, 5, 5], [2, 0, 2, 2], [4, 4, 4, 4], [1, 1, 1, 1]);
        var scaled = new float[4];

        int clamped = scaling.Apply([double.NaN, 1000, double.PositiveInfinity, double.NegativeInfinity], scaled);

        Assert.Equal([0f, 0f, 4f, -4f], scaled);
        Assert.Equal(2, clamped);
    }

    [Fact]
    public void Restoring_a_scaled_value_gives_the_transformed_one()
    {
        var scaling = new FeatureScaling([5], [2], [4], [0.5]);
        var scaled = new float[1];
        scaling.Apply([8], scaled);

        Assert.Equal(8, scaling.Restore(0, scaled[0]), 5);
    }

    [Fact]
    public void A_normal_feature_is_centred_on_its_median_and_scaled_by_its_deviation()
    {
        var random = new Random(1);
        FeatureScaling scaling = Fit(Enumerable.Range(0, 50_000).Select(_ => 20 + (3 * ClusterData.Normal(random))));

        Assert.Equal(20, scaling.Center[0], 0.2);
        Assert.Equal(3, scaling.Scale[0], 0.15);
    }

    [Fact]
    public void A_feature_that_most_customers_do_not_have_still_tells_the_others_apart()
    {
        FeatureScaling scaling = Fit(Enumerable.Range(0, 10_000).Select(i => i % 10 == 0 ? 1.0 : 0.0));
        var scaled = new float[1];

        Assert.Equal(0, scaling.Center[0]);
        Assert.Equal(0, scaling.Apply([1], scaled));
        Assert.InRange(scaled[0], 2, 4);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(3.01)]
    [InlineData(-7.5)]
    public void A_feature_that_never_varies_contributes_nothing(double value)
    {
        FeatureScaling scaling = Fit(Enumerable.Repeat(value, 1000));
        var scaled = new float[1];
        scaling.Apply([value + 100], scaled);

        Assert.Equal(0f, scaled[0]);
    }

    [Fact]
    public void At_most_one_per_cent_is_clamped_however_long_the_tail()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            double[] values = [.. Enumerable.Range(0, 20_000).Select(_ => Math.Exp((1 + (seed % 4)) * ClusterData.Normal(random)))];
            FeatureScaling scaling = Fit(values);
            var scaled = new float[1];

            int clamped = values.Sum(v => scaling.Apply([v], scaled));

            Assert.True(clamped <= 0.011 * values.Length, $"seed {seed}: {clamped} of {values.Length}");
        }
    }

    [Fact]
    public void A_clip_times_weight_beyond_the_grid_is_refused_by_name()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new FeatureScaling([0], [1], [4], [2.5]));

        Assert.Contains("weight is 2.5", refused.Message);
    }

    private static FeatureScaling Fit(IEnumerable<double> values)
    {
        var sketch = new QuantileSketch();
        foreach (double value in values)
        {
            sketch.Add(value);
        }

        return ScalingFit.Fit([sketch]);
    }
}
