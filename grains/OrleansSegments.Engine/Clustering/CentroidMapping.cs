using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

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
                natural[d] = from.Restore(d, centroids[k][d]);
            }

            to.Apply(natural, values.AsSpan(k * dimensions, dimensions));
        }

        return new CentroidSet(centroids.Count, dimensions, values);
    }
}
