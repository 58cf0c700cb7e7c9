using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>Centroids fitted to a sample, and what the sample says about exactly these centroids.</summary>
public sealed record SampleFit(CentroidSet Centroids, RoundSums Sums)
{
    public long InertiaUnits => Sums.InertiaUnits;

    public double Inertia => Sums.Inertia;

    /// <summary>Share of the smallest cluster.</summary>
    public double SmallestShare => Sums.Rows == Sums.InvalidRows ? 0 : (double)Sums.Counts.Min() / (Sums.Rows - Sums.InvalidRows);
}
