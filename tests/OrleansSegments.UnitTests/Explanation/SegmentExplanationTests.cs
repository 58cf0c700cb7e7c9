using OrleansSegments.Engine.Explanation;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.UnitTests.Clustering;
using OrleansSegments.UnitTests.Models;
using Xunit;

namespace OrleansSegments.UnitTests.Explanation;

public sealed class SegmentExplanationTests
{
    [Fact]
    public void Contributions_add_up_to_the_gap_between_runner_up_and_own_segment()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            (SegmentModel model, float[] x, int reference) = Case(seed);

            SegmentExplanation why = SegmentExplanation.Of(model, x, reference);

            double sum = why.Contributions.Sum(c => c.Contribution);
            double own = why.Distances.Single(d => d.SegmentId == why.EffectiveSegmentId).Distance;
            double other = why.Distances.Single(d => d.SegmentId == why.RunnerUpSegmentId).Distance;
            Assert.True(Math.Abs(sum - why.SquaredGap) <= 1e-12 * Math.Max(1, (own * own) + (other * other)), $"seed {seed}");
            Assert.Equal((other * other) - (own * own), sum, 1e-9 * ((own * own) + (other * other)));
            Assert.Equal(1 - (own / other), why.Margin, 9);
        }
    }

    [Fact]
    public void The_explanation_names_the_segment_that_the_classifier_decided_on()
    {
        int heldBack = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            (SegmentModel model, float[] x, int reference) = Case(seed);

            SegmentExplanation why = SegmentExplanation.Of(model, x, reference);

            SegmentDecision decision = model.Classifier.Decide(x, reference);
            Assert.Equal(decision.SegmentId, why.EffectiveSegmentId);
            Assert.Equal(decision.NearestSegmentId, why.NearestSegmentId);
            Assert.Equal(decision.IsHeldBack, why.Margin < 0);
            heldBack += decision.IsHeldBack ? 1 : 0;
        }

        Assert.True(heldBack > 5, "the cases never reached hysteresis");
    }

    [Fact]
    public void A_counterfactual_that_is_carried_out_moves_the_customer_and_half_of_it_does_not()
    {
        int told = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            (SegmentModel model, float[] x, int reference) = Case(seed);
            SegmentExplanation why = SegmentExplanation.Of(model, x, reference);
            foreach (Counterfactual change in why.Counterfactuals)
            {
                int feature = model.FeatureNames.ToList().IndexOf(change.Feature);
                told++;

                Assert.Equal(change.SegmentId, DecideAfter(model, x, why.EffectiveSegmentId, feature, change.ScaledChange));
                Assert.Equal(why.EffectiveSegmentId, DecideAfter(model, x, why.EffectiveSegmentId, feature, change.ScaledChange / 2));
            }
        }

        Assert.True(told > 300, $"only {told} counterfactuals");
    }

    [Fact]
    public void In_a_model_of_one_segment_there_is_nothing_to_compare()
    {
        SegmentModel model = SegmentModel.Bootstrap(1, ["a"], DateTimeOffset.UnixEpoch);

        SegmentExplanation why = SegmentExplanation.Of(model, [1f], 0);

        Assert.Null(why.RunnerUpSegmentId);
        Assert.Empty(why.Contributions);
        Assert.Empty(why.Counterfactuals);
    }

    private static int DecideAfter(SegmentModel model, float[] x, int reference, int feature, double step)
    {
        float[] moved = [.. x];
        moved[feature] = FeatureGrid.Round(x[feature] + step);
        return model.Classifier.Decide(moved, reference).SegmentId;
    }

    private static (SegmentModel Model, float[] X, int Reference) Case(int seed)
    {
        var random = new Random(seed);
        SegmentModel model = TestModels.Random(random, random.Next(2, 8), random.Next(1, 8));
        return (model, ClusterData.Uniform(random, model.Centroids.Dimensions), model.SegmentIds[random.Next(model.SegmentCount)]);
    }
}
