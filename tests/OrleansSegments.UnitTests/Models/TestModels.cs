using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.UnitTests.Clustering;

namespace OrleansSegments.UnitTests.Models;

/// <summary>Models around given centroids, with ids that differ from the indices so that a mix-up is detected.</summary>
internal static class TestModels
{
    public static SegmentModel With(CentroidSet centroids, FeatureScaling? scaling = null)
    {
        int k = centroids.Count;
        return SegmentModel.Bootstrap(1, [.. Enumerable.Range(0, centroids.Dimensions).Select(d => $"f{d}")], DateTimeOffset.UnixEpoch) with
        {
            Version = 3,
            Centroids = centroids,
            Scaling = scaling ?? FeatureScaling.Identity(centroids.Dimensions),
            SegmentIds = [.. Enumerable.Range(0, k).Select(i => 10 + (2 * (k - i)))],
            SegmentNames = [.. Enumerable.Range(0, k).Select(i => $"Name {i}")],
            NextSegmentId = 11 + (2 * k),
        };
    }

    public static SegmentModel Random(Random random, int count, int columns) => With(ClusterData.Centroids(random, count, columns));
}
