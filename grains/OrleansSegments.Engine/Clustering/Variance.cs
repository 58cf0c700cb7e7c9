using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// Total, within-cluster and between-cluster sums of squares of one round, computed from its sums alone: the inertia about the centroids
/// minus n x |mean - centroid|^2 per cluster is the sum of squares about the means.
/// </summary>
public readonly record struct Variance(double Within, double Between)
{
    public double Total => Within + Between;

    /// <summary>Between-cluster share of the total, 0 to 1.</summary>
    public double Explained => Total > 0 ? Between / Total : 0;

    /// <summary>Calinski and Harabasz's variance ratio: higher is better; 0 where it is undefined.</summary>
    public double Ratio(int clusters, long rows) =>
        clusters > 1 && rows > clusters && Within > 0 ? Between / (clusters - 1) / (Within / (rows - clusters)) : 0;

    public static Variance Of(RoundSums sums, CentroidSet centroids)
    {
        int dimensions = sums.Dimensions;
        long rows = Math.Max(1, sums.Rows - sums.InvalidRows);
        double correction = 0;
        double between = 0;
        for (int d = 0; d < dimensions; d++)
        {
            double mean = 0;
            for (int k = 0; k < sums.Count; k++)
            {
                mean += sums.Sums[(k * dimensions) + d];
            }

            mean /= rows;
            for (int k = 0; k < sums.Count; k++)
            {
                if (sums.Counts[k] > 0)
                {
                    double centre = sums.Sums[(k * dimensions) + d] / sums.Counts[k];
                    double off = centre - centroids.Values[(k * dimensions) + d];
                    correction += sums.Counts[k] * off * off;
                    between += sums.Counts[k] * (centre - mean) * (centre - mean);
                }
            }
        }

        return new Variance(Math.Max(0, sums.Inertia - correction), between);
    }
}
