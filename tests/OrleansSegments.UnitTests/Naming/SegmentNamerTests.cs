using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Naming;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.UnitTests.Clustering;
using OrleansSegments.UnitTests.Models;
using Xunit;

namespace OrleansSegments.UnitTests.Naming;

public sealed class SegmentNamerTests
{
    private static readonly string[] Features = ["orders", "spend", "recency", "evening", "coupons", "basket"];

    private static readonly FeaturePhrases[] Phrases =
    [
        new("frequent buyers", "one-time buyers"),
        new("big spenders", "small spenders"),
        new("lapsed", "recent"),
        new("evening shoppers", "daytime shoppers"),
        new("bargain hunters", "full-price buyers"),
        new("large orders", null),
    ];

    private static readonly SegmentNamer Namer = new(Features, Phrases, FeatureScaling.Identity(6));

    [Fact]
    public void Names_read_like_a_marketers_phrases()
    {
        IReadOnlyList<NamedSegment> named = Namer.Name(Profile([2, 2.2f, 0, 0, 0, 0], [-1.5f, 0, 3, 0, 0, 0], [0, 0, 0, 2, 2.2f, 0], [0, 0, 0, 0, 0, 0]), [1, 2, 3, 4]);

        Assert.Equal("Frequent big spenders", named[0].Name);
        Assert.Equal("Lapsed one-time buyers", named[1].Name);
        Assert.Equal("Evening bargain hunters", named[2].Name);
        Assert.Equal(["+orders", "+spend"], named[0].Description.NamedAfter);
        Assert.True(named[1].Description.Traits[0].Z > 1);
    }

    [Theory]
    [InlineData("Frequent buyers with large orders", "frequent buyers", "large orders")]
    [InlineData("Recently active coupon users", "coupon users", "recently active")]
    [InlineData("Mobile shoppers without newsletter", "mobile shoppers", "no newsletter")]
    [InlineData("Big spenders who keep what they buy", "big spenders", "keep what they buy")]
    [InlineData("Lapsed customers", "lapsed")]
    [InlineData("Price-conscious customers in need of support", "price-conscious", "in need of support")]
    [InlineData("Keen browsers buying right now", "buying right now", "keen browsers")]
    [InlineData("Cart fillers & coupon users", "cart fillers", "coupon users")]
    [InlineData("Weekend fashion lovers", "fashion lovers", "weekend shoppers")]
    [InlineData("Lapsed rare buyers", "rare buyers", "lapsed buyers")]
    [InlineData("Evening customers with broad taste", "broad taste", "evening")]
    public void Phrases_of_every_kind_join_to_a_name(string expected, params string[] phrases) =>
        Assert.Equal(expected, NameComposer.Compose(phrases));

    [Fact]
    public void Names_are_unique_even_for_segments_that_are_alike()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            float[][] centres = [.. Enumerable.Range(0, random.Next(2, 20)).Select(_ => ClusterData.Uniform(random, 6, seed % 3))];

            IReadOnlyList<NamedSegment> named = Namer.Name(Profile(centres), [.. Enumerable.Range(0, centres.Length)]);

            Assert.True(named.Select(n => n.Name.ToUpperInvariant()).Distinct().Count() == centres.Length, $"seed {seed}");
            Assert.All(named, n => Assert.False(string.IsNullOrWhiteSpace(n.Name)));
        }
    }

    [Fact]
    public void A_name_stays_while_its_features_lead_and_changes_only_after_two_other_models()
    {
        float[][] before = [[2, 2.2f, 0, 0, 0, 0], [0, 0, 3, 0, 0, 0]];
        float[][] wobble = [[2.2f, 2, 0, 0.9f, 0, 0], [0, 0, 3, 0, 0, 0]];
        float[][] after = [[0, 0, 0, 2, 2.2f, 0], [0, 0, 3, 0, 0, 0]];
        SegmentModel first = Model(Namer.Name(Profile(before), [7, 8]));

        SegmentModel second = Model(Namer.Name(Profile(wobble), [7, 8], first));
        SegmentModel third = Model(Namer.Name(Profile(after), [7, 8], second));
        SegmentModel fourth = Model(Namer.Name(Profile(after), [7, 8], third));

        Assert.Equal(first.NameOf(7), second.NameOf(7));
        Assert.Equal(0, second.Descriptions[0].DifferentFor);
        Assert.Equal(first.NameOf(7), third.NameOf(7));
        Assert.Equal(1, third.Descriptions[0].DifferentFor);
        Assert.NotEqual(first.NameOf(7), fourth.NameOf(7));
        Assert.DoesNotContain("+spend", fourth.Descriptions[0].NamedAfter);
    }

    [Fact]
    public void A_new_segment_never_takes_the_name_that_another_one_keeps()
    {
        SegmentModel first = Model(Namer.Name(Profile([2, 2.2f, 0, 0, 0, 0], [-2, -2, 0, 0, 0, 0]), [7, 8]));

        IReadOnlyList<NamedSegment> next = Namer.Name(Profile([2.5f, 2.5f, 0, 0, 0, 0], [-2, -2, 0, 0, 0, 0], [2, 2.2f, 0, 0, 0, 0]), [9, 8, 7], first);

        Assert.Equal("Frequent big spenders", next[2].Name);
        Assert.NotEqual(next[2].Name, next[0].Name);
    }

    private static SegmentModel Model(IReadOnlyList<NamedSegment> named) =>
        TestModels.With(new CentroidSet(named.Count, 1, new float[named.Count])) with
        {
            SegmentIds = [7, 8],
            SegmentNames = [.. named.Select(n => n.Name)],
            Descriptions = [.. named.Select(n => n.Description)],
        };

    private static ClusterProfile Profile(params float[][] centres)
    {
        var random = new Random(1);
        float[][] rows = [.. Enumerable.Range(0, 200 * centres.Length).Select(i =>
            centres[i % centres.Length].Select(c => FeatureGrid.Round(c + (0.3 * ClusterData.Normal(random)))).ToArray())];
        byte[] labels = [.. rows.Select((_, i) => (byte)(i % centres.Length))];
        return ClusterProfile.Of(ClusterData.Matrix(rows), labels, centres.Length);
    }
}
