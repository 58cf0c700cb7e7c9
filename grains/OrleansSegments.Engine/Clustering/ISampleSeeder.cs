using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>Finds first centroids on the sample in place of the built-in k-means++ with swaps: another library's k-means, for instance.</summary>
public interface ISampleSeeder
{
    /// <returns>As many centroids as asked for, of the sample's features.</returns>
    CentroidSet Seed(FeatureMatrix sample, int count, ulong seed);
}
