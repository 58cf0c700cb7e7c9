using OrleansSegments.Engine.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Features;

public sealed class EvaluationTests
{
    [Fact]
    public void Transformed_values_are_the_natural_ones_transformed_to_the_bit()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            FeatureCatalogue catalogue = TimeCatalogues.All[seed % TimeCatalogues.All.Length];
            List<TestEvent> history = RandomHistory.Make(random, random.Next(0, 60));
            byte[] state = new CustomerUnderTest(catalogue).Receive(history).State;
            long at = TestEvent.Start + (long)(random.NextDouble() * 300 * TestEvent.Day);
            var engine = new FeatureEngine(catalogue);
            var natural = new double[catalogue.FeatureCount];
            var transformed = new double[catalogue.FeatureCount];

            engine.EvaluateNatural(state, at, natural);
            engine.Evaluate(state, at, transformed);

            double[] expected = [.. natural.Select((value, i) => Transformed(catalogue.Features[i].Transform, value))];
            Assert.True(Bits(expected).SequenceEqual(Bits(transformed)), $"seed {seed}: {string.Join(' ', expected)} against {string.Join(' ', transformed)}");
        }
    }

    private static double Transformed(Transform transform, double value)
    {
        double x = Math.Max(0, value);
        double u = 1 + x;
        return transform switch
        {
            Transform.Log1p when !double.IsNaN(value) => u.Equals(1.0) ? x : Math.Log(u) * (x / (u - 1)),
            Transform.Sqrt => Math.Sqrt(value),
            _ => value,
        };
    }

    /// <summary>Normalises all NaN bit patterns.</summary>
    private static long[] Bits(double[] values) => Array.ConvertAll(values, v => BitConverter.DoubleToInt64Bits(double.IsNaN(v) ? double.NaN : v));
}
