using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>A finished training.</summary>
/// <param name="Sums">The whole population under exactly these centroids.</param>
/// <param name="PublishedInertia">Inertia of the published centroids on the same matrix; null if there were none.</param>
/// <param name="StarvedTrainings">Per centroid, for the next model.</param>
/// <param name="CountScores">What spoke for each K; empty if K was not chosen in this training.</param>
public sealed record TrainingOutcome(
    CentroidSet Centroids,
    RoundSums Sums,
    TrainingOrigin Origin,
    int Rounds,
    LloydStopReason StopReason,
    double? PublishedInertia,
    int[] StarvedTrainings,
    IReadOnlyList<ClusterCountScore> CountScores);
