using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Lineage;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Naming;

namespace OrleansSegments.Engine.Training;

/// <summary>A trained model: to be published if the gates passed, otherwise to be kept with the reasons.</summary>
public sealed record TrainedModel(SegmentModel Model, SegmentMatch Match, GateReport Gates)
{
    /// <summary>Matches segment ids, names the segments, evaluates the gates, and assembles the model.</summary>
    /// <param name="previous">The published model; the bootstrap model before the first training.</param>
    public static TrainedModel Assemble(
        SegmentModel previous, TrainingOutcome outcome, TrainingEvidence evidence, int version, GateLimits? limits = null)
    {
        SegmentMatch match = SegmentMatching.Match(previous, outcome.Centroids, evidence.Table);
        IReadOnlyList<NamedSegment> named = new SegmentNamer(evidence.FeatureNames, evidence.Phrases, evidence.Scaling)
            .Name(evidence.Profile, match.SegmentIds, previous);
        // Under changed features customers are expected to move, and measures of the old space say nothing about the new one.
        bool compares = !previous.IsBootstrap && !previous.IsCarriedOver && outcome.Origin != TrainingOrigin.First;
        GateReport gates = QualityGates.Judge(Compare(previous, outcome, evidence, match, compares), limits);
        var model = new SegmentModel
        {
            Version = version,
            CatalogueHash = evidence.CatalogueHash,
            FeatureNames = evidence.FeatureNames,
            Scaling = evidence.Scaling,
            Centroids = outcome.Centroids,
            SegmentIds = match.SegmentIds,
            SegmentNames = [.. named.Select(n => n.Name)],
            Descriptions = [.. named.Select(n => n.Description)],
            Sizes = outcome.Sums.Counts,
            StarvedTrainings = outcome.StarvedTrainings,
            NextSegmentId = match.NextSegmentId,
            TrainedAt = evidence.TrainedAt,
            AsOf = evidence.AsOf,
            Population = outcome.Sums.Rows,
            Quality = Describe(previous, outcome, evidence, match, gates),
        };
        return new TrainedModel(model.Checked(), match, gates);
    }

    private static GateEvidence Compare(
        SegmentModel previous, TrainingOutcome outcome, TrainingEvidence evidence, SegmentMatch match, bool compares) => new()
        {
            PopulationExpected = evidence.PopulationExpected,
            Sums = outcome.Sums,
            Audit = evidence.Audit,
            PopulationBefore = previous.IsBootstrap ? null : previous.Population,
            InertiaBefore = compares ? outcome.PublishedInertia : null,
            SilhouetteBefore = compares ? previous.Quality.Silhouette : null,
            Relabelled = compares ? match.Relabelled : null,
            AdjustedRandIndex = compares ? evidence.Table.AdjustedRandIndex : null,
            KeptStarved = outcome.StarvedTrainings.Count(t => t > 0),
        };

    private static ModelQuality Describe(
        SegmentModel previous, TrainingOutcome outcome, TrainingEvidence evidence, SegmentMatch match, GateReport gates)
    {
        double population = Math.Max(1, outcome.Sums.Counts.Sum());
        return new ModelQuality
        {
            Inertia = outcome.Sums.Inertia,
            Silhouette = outcome.Sums.Silhouette,
            VarianceExplained = Variance.Of(outcome.Sums, outcome.Centroids).Explained,
            SmallestShare = outcome.Sums.Counts.Min() / population,
            LargestShare = outcome.Sums.Counts.Max() / population,
            Rounds = outcome.Rounds,
            StopReason = outcome.StopReason.ToString(),
            Origin = outcome.Origin.ToString(),
            AdjustedRandIndex = previous.IsBootstrap ? null : evidence.Table.AdjustedRandIndex,
            Relabelled = previous.IsBootstrap ? null : match.Relabelled,
            Gates = gates.Gates,
        };
    }
}
