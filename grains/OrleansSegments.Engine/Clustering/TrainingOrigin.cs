namespace OrleansSegments.Engine.Clustering;

/// <summary>Where a training's centroids come from.</summary>
public enum TrainingOrigin
{
    /// <summary>Seeded on the sample; there was nothing to continue, or K was chosen anew.</summary>
    First,

    /// <summary>The published centroids, moved.</summary>
    Warm,

    /// <summary>Swaps found centroids that are better by more than the margin.</summary>
    Challenger,
}
