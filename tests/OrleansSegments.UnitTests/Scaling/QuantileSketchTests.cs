using OrleansSegments.Engine.Scaling;
using OrleansSegments.UnitTests.Clustering;
using Xunit;

namespace OrleansSegments.UnitTests.Scaling;

public sealed class QuantileSketchTests
{
    [Fact]
    public void Quantiles_are_within_one_per_cent_for_any_sign_and_magnitude()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            double[] values = [.. Enumerable.Range(0, random.Next(1, 3000)).Select(_ => Draw(random))];
            QuantileSketch sketch = Of(values);
            Array.Sort(values);
            foreach (double q in (double[])[0, 0.01, 0.25, 0.5, 0.75, 0.99, 1])
            {
                double exact = values[(int)(q * (values.Length - 1))];
                double found = sketch.Quantile(q);
                Assert.True(Math.Abs(found - exact) <= (0.01 * Math.Abs(exact)) + 1e-6, $"seed {seed}, q {q}: {found} for {exact}");
            }
        }
    }

    [Fact]
    public void Merging_in_any_order_gives_the_same_sketch()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            double[] values = [.. Enumerable.Range(0, 2000).Select(_ => Draw(random))];
            QuantileSketch whole = Of(values);
            var merged = new QuantileSketch();
            foreach (double[] part in values.Chunk(1 + random.Next(700)).Reverse())
            {
                merged.Merge(Of(part));
            }

            Assert.Equal(whole.Snapshot().Keys, merged.Snapshot().Keys);
            Assert.Equal(whole.Snapshot().Counts, merged.Snapshot().Counts);
            Assert.Equal(whole.Quantile(0.37), merged.Quantile(0.37));
            Assert.Equal(whole.WinsorisedDeviation(-5, 5), merged.WinsorisedDeviation(-5, 5));
        }
    }

    [Fact]
    public void Unknown_values_are_counted_apart_and_an_empty_sketch_has_no_quantile()
    {
        QuantileSketch sketch = Of([double.NaN, double.NaN]);

        Assert.Equal((0, 2), (sketch.Count, sketch.UnknownCount));
        Assert.True(double.IsNaN(sketch.Quantile(0.5)));
    }

    private static double Draw(Random random) => random.Next(5) switch
    {
        0 => 0,
        1 => -Math.Exp(4 * ClusterData.Normal(random)),
        _ => Math.Exp(4 * ClusterData.Normal(random)),
    };

    private static QuantileSketch Of(IEnumerable<double> values)
    {
        var sketch = new QuantileSketch();
        foreach (double value in values)
        {
            sketch.Add(value);
        }

        return sketch;
    }
}
