using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.UnitTests.Clustering;
using Xunit;

namespace OrleansSegments.UnitTests.Models;

public sealed class SegmentModelTests
{
    [Fact]
    public void A_model_survives_its_text_form_bit_for_bit()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            SegmentModel model = Sample(seed);

            SegmentModel back = SegmentModel.FromJson(model.ToJson());

            Assert.Equal(model.ToJson(), back.ToJson());
            Assert.Equal(Bits(model.Centroids.Values), Bits(back.Centroids.Values));
            Assert.Equal(model.Scaling.Center.Select(BitConverter.DoubleToInt64Bits), back.Scaling.Center.Select(BitConverter.DoubleToInt64Bits));
            Assert.Equal(model.CatalogueHash, back.CatalogueHash);
            Assert.Equal(model.Centroids.Hash, back.Centroids.Hash);
            Assert.Equal(model.AsOf, back.AsOf);
            Assert.Equal(model.Quality.Gates, back.Quality.Gates);
        }
    }

    [Fact]
    public void An_inconsistent_model_is_refused_with_the_part_named()
    {
        string twice = (Sample(1) with { SegmentIds = [4, 4, 5] }).ToJson();

        Assert.Contains("segment ids", Assert.Throws<InvalidDataException>(() => SegmentModel.FromJson(twice)).Message);
        Assert.Throws<InvalidDataException>(() => SegmentModel.FromJson("{}"));
        Assert.Throws<InvalidDataException>(() => SegmentModel.FromJson("null"));
    }

    private static SegmentModel Sample(int seed)
    {
        var random = new Random(seed);
        var scaling = new FeatureScaling(
            [random.NextDouble(), -1e-300, 1 / 3.0], [random.NextDouble(), 0, 12345.678], [4, 4, 4], [1, 0.7, random.NextDouble()]);
        return TestModels.With(ClusterData.Centroids(random, 3, 3), scaling) with
        {
            CatalogueHash = ulong.MaxValue - (ulong)seed,
            AsOf = DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(1L << 55)),
            Population = random.NextInt64(),
            Descriptions = [.. Enumerable.Repeat(new SegmentDescription([new SegmentTrait("f1", 1.5, "frequent", 0.1, 0.2)], ["+f1"], 1), 3)],
            Quality = new ModelQuality { Inertia = random.NextDouble(), Gates = [new GateResult("noNaN", 0, 0, true, "fine")] },
        };
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
