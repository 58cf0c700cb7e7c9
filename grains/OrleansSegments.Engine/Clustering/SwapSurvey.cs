using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// What a swap needs to know about centroids: how far each row is from its centre, and which centre would be missed least, that is
/// whose rows would lose least by going to their second-nearest.
/// </summary>
internal sealed record SwapSurvey(long[] Distances, int LeastMissed)
{
    public static unsafe SwapSurvey Of(FeatureMatrix sample, CentroidSet centroids)
    {
        float* best = stackalloc float[FeatureMatrix.BlockRows];
        float* second = stackalloc float[FeatureMatrix.BlockRows];
        int* label = stackalloc int[FeatureMatrix.BlockRows];
        var distances = new long[sample.Rows];
        var losses = new long[centroids.Count];
        for (int block = 0; block < sample.Blocks; block++)
        {
            int rows = sample.RowsIn(block);
            NearestKernel.Sweep(sample.BlockPointer(block), rows, centroids, best, second, label);
            for (int row = 0; row < rows; row++)
            {
                long units = FeatureGrid.DistanceUnits(best[row]);
                distances[(block * FeatureMatrix.BlockRows) + row] = units;
                losses[label[row]] += FeatureGrid.DistanceUnits(second[row]) - units;
            }
        }

        GC.KeepAlive(sample);
        return new SwapSurvey(distances, Array.IndexOf(losses, losses.Min()));
    }
}
