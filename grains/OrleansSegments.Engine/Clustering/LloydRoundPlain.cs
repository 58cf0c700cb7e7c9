using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// The Lloyd round row by row: the reference implementation for tests of <see cref="LloydRound"/>, which must match it bit for bit.
/// </summary>
public static class LloydRoundPlain
{
    public static RoundSums Accumulate(FeatureMatrix part, CentroidSet centroids, Span<byte> labels)
    {
        var sums = new double[centroids.Values.Length];
        var counts = new long[centroids.Count];
        long inertia = 0;
        long silhouette = 0;
        long changed = 0;
        long invalid = 0;
        var x = new float[part.Columns];
        for (int row = 0; row < part.Rows; row++)
        {
            part.GetRow(row, x);
            (int label, float best, float second) = Nearest(centroids, x);
            changed += labels[row] != label ? 1 : 0;
            labels[row] = (byte)label;
            if (label == LloydPart.NoLabel)
            {
                invalid++;
                continue;
            }

            counts[label]++;
            for (int d = 0; d < x.Length; d++)
            {
                sums[(label * x.Length) + d] += x[d];
            }

            inertia += (long)Math.Round(best * FeatureGrid.DistanceUnitsPerOne);
            silhouette += second == 0 ? 0 : (long)MathF.Round((1 - MathF.Sqrt(best / second)) * (float)FeatureGrid.DistanceUnitsPerOne);
        }

        return new RoundSums(centroids.Hash, sums, counts, inertia, silhouette, changed, invalid);
    }

    private static (int Label, float Best, float Second) Nearest(CentroidSet centroids, ReadOnlySpan<float> x)
    {
        float best = float.PositiveInfinity;
        float second = float.PositiveInfinity;
        int label = LloydPart.NoLabel;
        for (int k = 0; k < centroids.Count; k++)
        {
            float distance = centroids.Distance(k, x);
            if (distance < best)
            {
                (second, best, label) = (best, distance, k);
            }
            else if (distance < second)
            {
                second = distance;
            }
        }

        return (label, best, second);
    }
}
