namespace OrleansSegments.Engine.Clustering;

/// <summary>When Lloyd's rounds end, whichever comes first.</summary>
public sealed record LloydOptions
{
    public static LloydOptions Default { get; } = new();

    /// <summary>Most update rounds; one measuring round follows. With 0 the given centroids are measured and not moved.</summary>
    public int RoundsMax { get; init; } = 30;

    /// <summary>Ends when fewer than this share of the customers changed cluster.</summary>
    public double ReassignedShareMin { get; init; } = 0.001;

    /// <summary>Ends when the sum of squared centre moves is below this share of the mean feature variance.</summary>
    public double MovementMin { get; init; } = 1e-4;

    /// <summary>Runs until nothing changes at all, for tests and small populations.</summary>
    public static LloydOptions Exhaustive { get; } = new() { RoundsMax = 1000, ReassignedShareMin = 0, MovementMin = 0 };
}
