using OrleansSegments.Engine.Scaling;
using Xunit;

namespace OrleansSegments.UnitTests.Scaling;

public sealed class ScalingKernelTests
{
    private static readonly double[] Edges =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, 1e-320, -1e-320, double.MaxValue, double.MinValue, 1e-9, 4, -4];

    [Fact]
    public void Eight_features_at_once_are_scaled_as_one_after_another_to_the_bit()
    {
        for (int seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            int count = random.Next(1, 50);
            double[] Each(Func<double> make) => [.. Enumerable.Range(0, count).Select(_ => make())];
            double[] center = Each(() => random.Next(4) == 0 ? 0 : (random.NextDouble() * 10) - 5);
            double[] clip = Each(() => random.Next(2) == 0 ? 4 : 0.01 + (7.99 * random.NextDouble()));
            double[] weight = [.. clip.Select(c => random.Next(9) == 0 ? 0 : random.NextDouble() * FeatureGrid.Limit / c)];
            var scaling = new FeatureScaling(center, Each(() => random.Next(9) == 0 ? 0 : Math.Pow(10, (random.NextDouble() * 8) - 5)), clip, weight);
            double[] values = [.. center.Select((c, i) => Value(random, scaling, i))];

            var vector = new float[count];
            var plain = new float[count];
            int clamped = scaling.Apply(values, vector);

            Assert.True(clamped == scaling.ApplyPlain(values, plain), $"seed {seed}: {clamped} clamped");
            Assert.True(Bits(plain).SequenceEqual(Bits(vector)), $"seed {seed}: {string.Join(' ', plain)} against {string.Join(' ', vector)}");
        }
    }

    /// <summary>Limits, ordinary values, values beyond the clip, and values half way between two grid steps.</summary>
    private static double Value(Random random, FeatureScaling scaling, int feature) => random.Next(4) switch
    {
        0 => Edges[random.Next(Edges.Length)],
        1 => scaling.Center[feature] + (((random.Next(1 << 20) + 0.5) / FeatureGrid.UnitsPerOne) * scaling.Scale[feature] / Math.Max(scaling.Weight[feature], 1e-3)),
        _ => scaling.Center[feature] + ((random.NextDouble() - 0.5) * 20 * scaling.Scale[feature]),
    };

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
