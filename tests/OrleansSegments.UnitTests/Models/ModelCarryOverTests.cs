using System.Text.Json.Nodes;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Training;
using OrleansSegments.UnitTests.Features;
using Xunit;

namespace OrleansSegments.UnitTests.Models;

public sealed class ModelCarryOverTests
{
    private static readonly FeatureCatalogue Old = FeatureCatalogue.Default;

    [Fact]
    public void When_features_are_only_added_or_reordered_or_renamed_every_customer_stays()
    {
        var added = CatalogueHistoryTests.Edit(features =>
        {
            var first = features[0]!;
            features.RemoveAt(0);
            features.Add(first);
            var another = CatalogueHistoryTests.Find(features, "searches_30d").DeepClone();
            (another["name"], another["halfLifeDays"]) = ("searches_7d", 7);
            features.Insert(3, another);
            CatalogueHistoryTests.Find(features, "tenure")["name"] = "time_with_us";
        });
        var next = CatalogueHistoryTests.Adopt(Old, added).Current!;
        var model = Model(7);

        var carried = ModelCarryOver.CarryOver(model, Old, next, version: 9);

        Assert.Equal((9, next.Hash, true), (carried.Version, carried.CatalogueHash, carried.IsCarriedOver));
        Assert.Equal((model.SegmentIds, model.SegmentNames), (carried.SegmentIds, carried.SegmentNames));
        Assert.Equal(0, carried.Scaling.Weight[next.IndexOf("searches_7d")]);
        Assert.True(SegmentModel.FromJson(carried.ToJson()).IsCarriedOver);
        AssertSameDecisions(model, carried, next, ignore: []);
    }

    [Fact]
    public void Changed_and_removed_features_have_no_say_any_more()
    {
        var next = CatalogueHistoryTests.Adopt(Old, CatalogueHistoryTests.Edit(features =>
        {
            CatalogueHistoryTests.Remove(features, "tenure");
            CatalogueHistoryTests.Find(features, "searches_30d")["halfLifeDays"] = 31;
        })).Current!;
        var model = Model(8);

        var carried = ModelCarryOver.CarryOver(model, Old, next, version: 4);

        Assert.Equal(0, carried.Scaling.Weight[next.IndexOf("searches_30d")]);
        AssertSameDecisions(model with { Scaling = Without(model.Scaling, "tenure", "searches_30d"), Centroids = Without(model.Centroids, "tenure", "searches_30d") }, carried, next, ["tenure"]);
    }

    [Fact]
    public void A_warm_start_from_a_carried_model_puts_new_features_at_the_populations_centre()
    {
        var to = new FeatureScaling([5, 5], [2, 2], [4, 4], [1, 1]);
        var from = new FeatureScaling([0, 0], [1, 0], [4, 4], [1, 0]);

        var mapped = CentroidMapping.Map(new CentroidSet(1, 2, [3, 0]), from, to);

        Assert.Equal([-1f, 0f], mapped.Values);
    }

    private static SegmentModel Model(int seed)
    {
        var random = new Random(seed);
        var scaling = new FeatureScaling(
            Numbers(random, -1, 1), Numbers(random, 0.5, 2), [.. Old.Features.Select(_ => FeatureScaling.ClipDefault)], [.. Old.Features.Select(x => x.Weight)]);
        return TestModels.Random(random, 6, Old.FeatureCount) with
        {
            CatalogueHash = Old.Hash,
            FeatureNames = [.. Old.Features.Select(x => x.Name)],
            Scaling = scaling,
        };
    }

    private static double[] Numbers(Random random, double least, double most) =>
        [.. Old.Features.Select(_ => least + (random.NextDouble() * (most - least)))];

    private static FeatureScaling Without(FeatureScaling scaling, params string[] names) => new(
        scaling.Center, scaling.Scale, scaling.Clip, [.. scaling.Weight.Select((weight, d) => names.Contains(Old.Features[d].Name) ? 0 : weight)]);

    private static CentroidSet Without(CentroidSet centroids, params string[] names) => new(
        centroids.Count,
        centroids.Dimensions,
        [.. centroids.Values.Select((value, i) => names.Contains(Old.Features[i % centroids.Dimensions].Name) ? 0 : value)]);

    /// <summary>Many random customers, each with the same values under both catalogues.</summary>
    private static void AssertSameDecisions(SegmentModel model, SegmentModel carried, FeatureCatalogue next, string[] ignore)
    {
        var random = new Random(1);
        int[] sources = [.. next.Features.Select(x => Old.IndexOf(x.Name == "time_with_us" ? "tenure" : x.Name))];
        for (var customer = 0; customer < 2_000; customer++)
        {
            var values = Numbers(random, -4, 4);
            var others = Array.ConvertAll(sources, d => d < 0 ? random.NextDouble() : values[d]);
            Assert.Equal(Decide(model, values), Decide(carried, others));
        }

        Assert.All(ignore, name => Assert.True(next.IndexOf(name) < 0));
    }

    private static int Decide(SegmentModel model, double[] values)
    {
        var scaled = new float[values.Length];
        model.Scaling.Apply(values, scaled);
        return model.Classifier.Nearest(scaled).SegmentId;
    }
}
