namespace OrleansSegments.Engine.Clustering;

/// <summary>How a training finds its centroids.</summary>
public sealed record TrainingOptions
{
    public ClusterCountOptions Clusters { get; init; } = new();

    public LloydOptions Lloyd { get; init; } = LloydOptions.Default;

    /// <summary>Share by which a challenger's inertia on the whole population must beat the warm start's: identity is worth that much.</summary>
    public double ChallengerMargin { get; init; } = 0.01;

    /// <summary>Choose K anew though a model is published.</summary>
    public bool Replan { get; init; }

    public ulong Seed { get; init; } = 1;

    /// <summary>Finds the first training's centroids on the sample; null for the built-in way. K is chosen the built-in way in any case.</summary>
    public ISampleSeeder? Seeder { get; init; }
}
