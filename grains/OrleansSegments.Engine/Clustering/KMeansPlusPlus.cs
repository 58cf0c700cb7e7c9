using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// k-means++ (Arthur, Vassilvitskii 2007): each further centre is a row drawn with probability proportional to its squared distance from
/// the nearest centre so far. Distances are integers in units of 2^-24, so a draw depends only on the seed and the rows.
/// </summary>
public static class KMeansPlusPlus
{
    /// <summary>
    /// Draws K rows of the sample as centres; the sample must have a valid row. With fewer distinct rows than K, centres repeat.
    /// </summary>
    public static CentroidSet Seed(FeatureMatrix sample, int count, CounterRandom random)
    {
        int columns = sample.Columns;
        var values = new float[count * columns];
        var distances = new long[sample.Rows];
        Array.Fill(distances, 1);
        for (int k = 0; k < count; k++)
        {
            int row = Draw(distances, random);
            Span<float> centre = values.AsSpan(k * columns, columns);
            sample.GetRow(row, centre);
            Shorten(sample, new CentroidSet(1, columns, centre.ToArray()), distances, isFirst: k == 0);
        }

        return new CentroidSet(count, columns, values);
    }

    /// <summary>Draws an index with probability proportional to its weight; uniformly when all weights are 0.</summary>
    internal static int Draw(long[] weights, CounterRandom random)
    {
        long total = 0;
        foreach (long weight in weights)
        {
            total += weight;
        }

        if (total == 0)
        {
            return (int)random.Next(weights.Length);
        }

        long target = random.Next(total);
        int row = 0;
        while (target >= weights[row])
        {
            target -= weights[row++];
        }

        return row;
    }

    private static unsafe void Shorten(FeatureMatrix sample, CentroidSet centre, long[] distances, bool isFirst)
    {
        float* best = stackalloc float[FeatureMatrix.BlockRows];
        float* second = stackalloc float[FeatureMatrix.BlockRows];
        int* label = stackalloc int[FeatureMatrix.BlockRows];
        for (int block = 0; block < sample.Blocks; block++)
        {
            int rows = sample.RowsIn(block);
            int start = block * FeatureMatrix.BlockRows;
            NearestKernel.Sweep(sample.BlockPointer(block), rows, centre, best, second, label);
            for (int row = 0; row < rows; row++)
            {
                long units = FeatureGrid.DistanceUnits(best[row]);
                distances[start + row] = isFirst ? units : Math.Min(distances[start + row], units);
            }
        }

        GC.KeepAlive(sample);
    }
}
