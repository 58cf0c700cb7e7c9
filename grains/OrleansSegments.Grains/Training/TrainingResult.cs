using OrleansSegments.Contracts.Models;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Lineage;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Naming;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Models;

namespace OrleansSegments.Grains.Training;

/// <summary>Makes a model of a finished training: identities, names, gates, and the document that is kept.</summary>
internal sealed record TrainingResult(
    SegmentModel Published,
    FeatureScaling Scaling,
    TrainingOutcome Outcome,
    TrainingPart[] Parts,
    DateTimeOffset AsOf,
    long PopulationExpected,
    int Version)
{
    public TrainedModel ToModel(FeatureCatalogue catalogue, double hysteresisMargin, DateTimeOffset trainedAt, bool force)
    {
        Contingency table = Compare();
        SegmentMatch match = SegmentMatching.Match(Published, Outcome.Centroids, table);
        GateReport gates = QualityGates.Judge(Evidence(table, match));
        SegmentModel model = Name(catalogue, match) with
        {
            HysteresisMargin = hysteresisMargin,
            TrainedAt = trainedAt,
            Quality = Quality(table, match, gates),
        };
        bool publish = gates.Passed || force;
        string reason = gates.Passed ? gates.Verdict : force ? $"Published by force. {gates.Verdict}" : gates.Verdict;
        return new TrainedModel(Version, ModelDocuments.Write(model), Summarise(model, gates, publish, reason), Definitions(model, match));
    }

    private Contingency Compare()
    {
        var table = new Contingency(Published.SegmentCount, Outcome.Centroids.Count);
        foreach (TrainingPart part in Parts)
        {
            table.Merge(Contingency.Of(Published.SegmentCount, Outcome.Centroids.Count, part.PublishedLabels, part.Rows.Labels));
        }

        return table;
    }

    private GateEvidence Evidence(Contingency table, SegmentMatch match)
    {
        bool comparable = !Published.IsBootstrap;
        bool sameSpace = comparable && ReferenceEquals(Published.Scaling, Scaling) && Published.SegmentCount == Outcome.Centroids.Count;
        return new GateEvidence
        {
            PopulationExpected = PopulationExpected,
            Sums = Outcome.Sums,
            Audit = Parts.Select(p => MatrixAudit.Of(p.Matrix, Scaling)).Aggregate((a, b) => a.Merge(b)),
            PopulationBefore = comparable ? Published.Population : null,
            InertiaBefore = sameSpace ? Outcome.PublishedInertia : null,
            SilhouetteBefore = sameSpace ? Published.Quality?.Silhouette : null,
            Relabelled = comparable ? match.Relabelled : null,
            AdjustedRandIndex = comparable ? table.AdjustedRandIndex : null,
            KeptStarved = Outcome.StarvedTrainings.Count(t => t > 0),
        };
    }

    private ModelQuality Quality(Contingency table, SegmentMatch match, GateReport gates)
    {
        long population = Math.Max(1, Outcome.Sums.Counts.Sum());
        return new ModelQuality
        {
            Inertia = Outcome.Sums.Inertia,
            Silhouette = Outcome.Sums.Silhouette,
            VarianceExplained = Variance.Of(Outcome.Sums, Outcome.Centroids).Explained,
            SmallestShare = (double)Outcome.Sums.Counts.Min() / population,
            LargestShare = (double)Outcome.Sums.Counts.Max() / population,
            Rounds = Outcome.Rounds,
            StopReason = Outcome.StopReason.ToString(),
            Origin = Outcome.Origin.ToString(),
            AdjustedRandIndex = Published.IsBootstrap ? null : table.AdjustedRandIndex,
            Relabelled = Published.IsBootstrap ? null : match.Relabelled,
            Gates = gates.Gates,
        };
    }

    private SegmentModel Name(FeatureCatalogue catalogue, SegmentMatch match)
    {
        ClusterProfile profile = Parts
            .Select(p => ClusterProfile.Of(p.Matrix, p.Rows.Labels, Outcome.Centroids.Count)).Aggregate((a, b) => a.Merge(b));
        string[] features = [.. catalogue.Features.Select(f => f.Name)];
        var namer = new SegmentNamer(features, [.. catalogue.Features.Select(f => new FeaturePhrases(f.High, f.Low))], Scaling);
        IReadOnlyList<NamedSegment> named = namer.Name(profile, match.SegmentIds, Published);
        return new SegmentModel
        {
            Version = Version,
            CatalogueHash = catalogue.Hash,
            FeatureNames = features,
            Scaling = Scaling,
            Centroids = Outcome.Centroids,
            SegmentIds = match.SegmentIds,
            SegmentNames = [.. named.Select(n => n.Name)],
            TrainedAt = AsOf,
            AsOf = AsOf,
            Population = Outcome.Sums.Rows,
            NextSegmentId = match.NextSegmentId,
            Sizes = Outcome.Sums.Counts,
            Descriptions = [.. named.Select(n => n.Description)],
            StarvedTrainings = Outcome.StarvedTrainings,
        };
    }

    private ModelSummary Summarise(SegmentModel model, GateReport gates, bool publish, string reason)
    {
        ModelQuality quality = model.Quality!;
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
