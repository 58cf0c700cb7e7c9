namespace OrleansSegments.Engine.Clustering;

/// <summary>How many segments to make: a fixed number (both bounds equal), or the range to choose from.</summary>
public sealed record ClusterCountOptions
{
    public int Min { get; init; } = 4;

    public int Max { get; init; } = 10;

    /// <summary>Mean agreement between models of half-samples that a K must reach to count as stable.</summary>
    public double StabilityMin { get; init; } = 0.8;

    /// <summary>Share of the sample that the smallest cluster must have.</summary>
    public double SmallestShareMin { get; init; } = 0.02;

    /// <summary>Half-samples per K.</summary>
    public int Halves { get; init; } = 8;

    /// <summary>Rows of the sample that are used, the first in rank order; more rows cost time and change little.</summary>
    public int SampleRowsMax { get; init; } = 4096;
}
