using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Training;

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

/// <summary>Finds first centroids on the sample in place of the built-in k-means++ with swaps: another library's k-means, for instance.</summary>
public interface ISampleSeeder
{
    /// <returns>As many centroids as asked for, of the sample's features.</returns>
    CentroidSet Seed(FeatureMatrix sample, int count, ulong seed);
}

/// <summary>Brings published centroids into the space of a newly fitted scaling, for a warm start and for matching.</summary>
public static class CentroidMapping
{
    public static CentroidSet Map(CentroidSet centroids, FeatureScaling from, FeatureScaling to)
    {
        int dimensions = centroids.Dimensions;
        var values = new float[centroids.Values.Length];
        var natural = new double[dimensions];
        for (int k = 0; k < centroids.Count; k++)
        {
            for (int d = 0; d < dimensions; d++)
            {
                // Where the old scaling has no weight, the old model says nothing: NaN becomes the population's centre.
                natural[d] = from.Weight[d] == 0 ? double.NaN : from.Restore(d, centroids[k][d]);
            }

            to.Apply(natural, values.AsSpan(k * dimensions, dimensions));
        }

        return new CentroidSet(centroids.Count, dimensions, values);
    }
}
