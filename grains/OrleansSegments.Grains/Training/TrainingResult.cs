using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Lineage;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Naming;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Training;
using OrleansSegments.Grains.Models;

namespace OrleansSegments.Grains.Training;

/// <summary>Turns a finished training into a model: identities, names, quality gates, and the stored document.</summary>
internal sealed record TrainingResult(
    SegmentModel Published,
    FeatureScaling Scaling,
    TrainingOutcome Outcome,
    TrainingFindings Findings,
    DateTimeOffset AsOf,
    long PopulationExpected,
    int Version)
{
    public Contracts.Models.TrainedModel ToMessage(FeatureCatalogue catalogue, DateTimeOffset trainedAt, bool force)
    {
        string[] features = [.. catalogue.Features.Select(f => f.Name)];
        var evidence = new TrainingEvidence
        {
            CatalogueHash = catalogue.Hash,
            FeatureNames = features,
            Phrases = [.. catalogue.Features.Select(f => new FeaturePhrases(f.High, f.Low))],
            Scaling = Scaling,
            Table = Findings.Table,
            Profile = Findings.Profile,
            Audit = Findings.Audit,
            PopulationExpected = PopulationExpected,
            TrainedAt = trainedAt,
            AsOf = AsOf,
        };
        var trained = Engine.Training.TrainedModel.Assemble(Published, Outcome, evidence, Version);
        bool publish = trained.Gates.Passed || force;
        string reason = trained.Gates.Passed || !force ? trained.Gates.Verdict : $"Published by force. {trained.Gates.Verdict}";
        return new Contracts.Models.TrainedModel(
            Version, ModelDocuments.Write(trained.Model), Summarise(trained.Model, trained.Gates, publish, reason).Under(catalogue), Definitions(trained.Model, trained.Match));
    }

    private ModelSummary Summarise(SegmentModel model, GateReport gates, bool publish, string reason)
    {
        ModelQuality quality = model.Quality;
        var measures = new Dictionary<string, double>
        {
            ["inertia"] = quality.Inertia,
            ["silhouette"] = quality.Silhouette,
            ["varianceExplained"] = quality.VarianceExplained,
            ["smallestShare"] = quality.SmallestShare,
            ["largestShare"] = quality.LargestShare,
            ["rounds"] = quality.Rounds,
        };
        if (quality.Relabelled is { } relabelled && quality.AdjustedRandIndex is { } agreement)
        {
            measures["relabelled"] = relabelled;
            measures["adjustedRandIndexWithPublished"] = agreement;
        }

        foreach (ClusterCountScore score in Outcome.CountScores)
        {
            measures[$"stabilityOf{score.Count}"] = score.Stability;
        }

        return new ModelSummary(
            Version, publish, reason, model.TrainedAt, AsOf, model.Population, model.SegmentCount, measures,
            [.. gates.Gates.Select(g => new GateView(g.Name, g.Value, g.Bound, g.Passed, g.Sentence))]);
    }

    private SegmentDefinition[] Definitions(SegmentModel model, SegmentMatch match)
    {
        IEnumerable<SegmentDefinition> living = model.SegmentIds.Select((id, index) => ModelDocuments.Define(model, index, LineageOf(id, match)));
        IEnumerable<SegmentDefinition> ended = Published.SegmentIds.Except(model.SegmentIds).Select(id =>
            ModelDocuments.Define(Published, Published.IndexOf(id), LineageOf(id, match)) with { EndedByModelVersion = Version });
        return [.. living, .. ended];
    }

    private LineageView[] LineageOf(int segmentId, SegmentMatch match) =>
    [
        .. match.Lineage
            .Where(l => l.OldSegmentId == segmentId || l.NewSegmentIds.Contains(segmentId))
            .Select(l => new LineageView(
                Version,
                l.Kind.ToString().ToLowerInvariant(),
                [.. l.NewSegmentIds.Append(l.OldSegmentId ?? segmentId).Distinct().Where(id => id != segmentId).Select(SegmentKey.Of)],
                l.Share)),
    ];
}

/// <summary>The evidence of the whole population on the clusters of a finished training.</summary>
internal sealed record TrainingFindings(ClusterProfile Profile, MatrixAudit Audit, Contingency Table);
