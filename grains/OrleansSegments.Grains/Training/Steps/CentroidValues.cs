using Orleans;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>Centroids as they travel, with all their bits.</summary>
[GenerateSerializer, Immutable, Alias("centroid-values")]
public sealed record CentroidValues([property: Id(0)] int Count, [property: Id(1)] int Dimensions, [property: Id(2)] float[] Values)
{
    public static CentroidValues Of(CentroidSet centroids) => new(centroids.Count, centroids.Dimensions, centroids.Values);

    public CentroidSet ToCentroids() => new(Count, Dimensions, Values);
}
