using OrleansSegments.Engine.Models;
using OrleansSegments.UnitTests.Clustering;
using Xunit;

namespace OrleansSegments.UnitTests.Models;

public sealed class SegmentClassifierTests
{
    [Fact]
    public void Nearest_segment_is_the_one_that_brute_force_finds()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            SegmentModel model = TestModels.Random(random, random.Next(1, 65), random.Next(1, 45));
            float[] x = ClusterData.Uniform(random, model.Centroids.Dimensions);

            SegmentDecision found = model.Classifier.Nearest(x);

            float[] distances = [.. Enumerable.Range(0, model.SegmentCount).Select(k => model.Centroids.Distance(k, x))];
            int expected = Array.IndexOf(distances, distances.Min());
            Assert.True(model.SegmentIds[expected] == found.SegmentId, $"seed {seed}");
            Assert.True(distances[expected] == found.NearestSquared, $"seed {seed}");
        }
    }

    [Fact]
    public void Of_equally_near_centroids_the_first_wins()
    {
        SegmentModel model = TestModels.With(new CentroidSet(3, 1, [1f, -1f, 1f]));

        Assert.Equal(model.SegmentIds[0], model.Classifier.Nearest([0f]).SegmentId);
        Assert.Equal(model.SegmentIds[0], model.Classifier.Nearest([1f]).SegmentId);
    }

    [Theory]
    [InlineData(0.50f, 0)] // in the middle nobody moves
    [InlineData(0.53f, 0)] // nearer to 1 now, yet not by 15 %
    [InlineData(0.55f, 1)] // 0.45 < 0.85 x 0.55
    [InlineData(0.99f, 1)]
    public void A_customer_leaves_only_for_a_centroid_that_is_closer_by_the_margin(float x, int expected)
    {
        SegmentModel model = TestModels.With(new CentroidSet(2, 1, [0f, 1f]));

        SegmentDecision decision = model.Classifier.Decide([x], model.SegmentIds[0]);

        Assert.Equal(model.SegmentIds[expected], decision.SegmentId);
        Assert.Equal(expected == 0 && x > 0.5f, decision.IsHeldBack);
    }

    [Fact]
    public void A_reference_that_the_model_does_not_have_is_ignored()
    {
        SegmentModel model = TestModels.With(new CentroidSet(2, 1, [0f, 1f]));

        Assert.Equal(model.SegmentIds[1], model.Classifier.Decide([0.51f], 999).SegmentId);
        Assert.Equal(model.SegmentIds[1], model.Classifier.Decide([0.51f], SegmentClassifier.NoSegment).SegmentId);
    }

    [Fact]
    public void A_sweep_decides_every_row_as_the_single_question_does()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            SegmentModel model = TestModels.Random(random, random.Next(1, 20), random.Next(1, 20));
            float[][] rows = [.. Enumerable.Range(0, random.Next(1, 2500)).Select(_ => ClusterData.Uniform(random, model.Centroids.Dimensions))];
            int[] references = [.. rows.Select(_ => random.Next(-1, 40))];
            var decided = new int[rows.Length];

            int changed = model.Classifier.DecideAll(ClusterData.Matrix(rows), references, decided);

            int[] expected = [.. rows.Select((row, i) => model.Classifier.Decide(row, references[i]).SegmentId)];
            Assert.True(expected.SequenceEqual(decided), $"seed {seed}");
            Assert.Equal(expected.Where((id, i) => id != references[i]).Count(), changed);
        }
    }

    [Fact]
    public void Before_the_first_training_everyone_is_in_one_segment()
    {
        SegmentModel model = SegmentModel.Bootstrap(7, ["a", "b"], DateTimeOffset.UnixEpoch);

        Assert.Equal(0, model.Classifier.Decide([3f, -4f], SegmentClassifier.NoSegment).SegmentId);
        Assert.Equal("Everyone", model.NameOf(0));
    }
}
