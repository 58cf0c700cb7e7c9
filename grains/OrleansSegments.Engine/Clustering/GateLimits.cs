namespace OrleansSegments.Engine.Clustering;

/// <summary>The bounds of the quality gates. A training whose figures break one is kept with the reason and not published.</summary>
public sealed record GateLimits
{
    /// <summary>Share of scaled values that lie on the clip.</summary>
    public double ClampedShareMax { get; init; } = 0.01;

    /// <summary>Population relative to the one before.</summary>
    public double PopulationRatioMin { get; init; } = 0.98;

    /// <summary>Inertia relative to the published centroids on the same matrix; a rounding's worth above 1.</summary>
    public double InertiaRatioMax { get; init; } = 1 + 1e-6;

    public double SmallestShareMin { get; init; } = 0.005;

    public double LargestShareMax { get; init; } = 0.6;

    /// <summary>Share of customers that change segment by the change of model alone.</summary>
    public double RelabelledMax { get; init; } = 0.15;

    public double AdjustedRandIndexMin { get; init; } = 0.6;

    /// <summary>How far the simplified silhouette may fall.</summary>
    public double SilhouetteLossMax { get; init; } = 0.02;
}
