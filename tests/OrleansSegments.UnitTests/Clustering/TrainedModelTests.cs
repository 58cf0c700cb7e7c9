using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Lineage;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Naming;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Training;
using Xunit;

namespace OrleansSegments.UnitTests.Clustering;

/// <summary>Trainings from the first vector to a publishable model.</summary>
public sealed class TrainedModelTests
{
    private static readonly string[] Features = ["orders", "spend", "recency"];
    private static readonly FeaturePhrases[] Phrases = [new("frequent", "rare"), new("big spenders", "small spenders"), new("lapsed", "recent")];

    [Fact]
    public void Identities_and_names_survive_a_second_training_on_customers_that_moved_a_little()
    {
        float[][] rows = ClusterData.Groups(21, 3000, 3, 5, spread: 0.4);
        TrainedModel first = Train(SegmentModel.Bootstrap(5, Features, DateTimeOffset.UnixEpoch), rows, 1);
        var random = new Random(2);
        float[][] later = [.. rows.Select(r => r.Select(v => FeatureGrid.Round(v + (0.1 * ClusterData.Normal(random)))).ToArray())];

        TrainedModel second = Train(first.Model, later, 2);

        Assert.True(first.Gates.Passed, first.Gates.Verdict);
        Assert.True(second.Gates.Passed, second.Gates.Verdict);
        Assert.Equal([1, 2, 3, 4, 5], first.Model.SegmentIds);
        Assert.Equal(first.Model.SegmentIds, second.Model.SegmentIds);
        Assert.Equal(first.Model.SegmentNames, second.Model.SegmentNames);
        Assert.All(second.Match.Lineage, r => Assert.Equal(LineageKind.Survived, r.Kind));
        Assert.Equal(3000, second.Model.Sizes.Sum());
        Assert.Equal(second.Model.ToJson(), SegmentModel.FromJson(second.Model.ToJson()).ToJson());
    }

    [Fact]
    public void A_training_in_which_a_part_is_missing_is_assembled_and_held_back_with_the_reason()
    {
        float[][] rows = ClusterData.Groups(21, 3000, 3, 5, spread: 0.4);
        TrainedModel first = Train(SegmentModel.Bootstrap(5, Features, DateTimeOffset.UnixEpoch), rows, 1);

        TrainedModel second = Train(first.Model, rows[..2000], 2, expected: 3000);

        Assert.False(second.Gates.Passed);
        Assert.Contains("2000 customers took part; 3000 exist.", second.Gates.Verdict);
        Assert.Contains(second.Model.Quality.Gates, g => g is { Name: "populationKept", Passed: false });
    }

    private static TrainedModel Train(SegmentModel previous, float[][] rows, int version, int? expected = null)
    {
        FeatureMatrix matrix = ClusterData.Matrix(rows);
        FeatureScaling scaling = FeatureScaling.Identity(3, clip: 8);
        var options = new TrainingOptions { Clusters = new ClusterCountOptions { Min = 5, Max = 5 } };
        var part = new LloydPart(matrix);
        TrainingOutcome outcome = LocalTraining.Drive(
            new TrainingRun(matrix, options, previous.IsBootstrap ? null : previous.Centroids, previous.StarvedTrainings), [part]);
        var before = new byte[rows.Length];
        LloydRound.Accumulate(matrix, previous.Centroids, before);
        return TrainedModel.Assemble(previous, outcome, new TrainingEvidence
        {
            FeatureNames = Features,
            CatalogueHash = 5,
            Scaling = scaling,
            Phrases = Phrases,
            Profile = ClusterProfile.Of(matrix, part.Labels, outcome.Centroids.Count),
            Table = Contingency.Of(previous.SegmentCount, outcome.Centroids.Count, before, part.Labels),
            Audit = MatrixAudit.Of(matrix, scaling),
            PopulationExpected = expected ?? rows.Length,
            TrainedAt = DateTimeOffset.UnixEpoch,
            AsOf = DateTimeOffset.UnixEpoch,
        }, version);
    }
}
