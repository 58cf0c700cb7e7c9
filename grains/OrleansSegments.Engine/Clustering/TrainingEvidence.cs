using OrleansSegments.Engine.Lineage;
using OrleansSegments.Engine.Naming;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

/// <summary>What the parts of the population say, merged, about the centroids of a finished training; and the words and times around it.</summary>
public sealed record TrainingEvidence
{
    public required IReadOnlyList<string> FeatureNames { get; init; }

    public required ulong CatalogueHash { get; init; }

    public required FeatureScaling Scaling { get; init; }

    public required IReadOnlyList<FeaturePhrases> Phrases { get; init; }

    /// <summary>Under the labels of the new centroids.</summary>
    public required ClusterProfile Profile { get; init; }

    /// <summary>The model before x the new centroids, over the same customers at the same instant.</summary>
    public required Contingency Table { get; init; }

    public required MatrixAudit Audit { get; init; }

    /// <summary>Customers that the store says exist.</summary>
    public required long PopulationExpected { get; init; }

    public required DateTimeOffset TrainedAt { get; init; }

    /// <summary>The instant at which the population was evaluated.</summary>
    public required DateTimeOffset AsOf { get; init; }
}
