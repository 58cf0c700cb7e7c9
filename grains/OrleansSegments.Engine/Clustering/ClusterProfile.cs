using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// Means and variances of every feature in every cluster, in scaled space. Sums are exact on the grid, squares are 64-bit integers in units
/// of 2^-24, so merging in any order gives the same bits. Used for names, statistics of segments and drift.
/// </summary>
/// <param name="Sums">K x D.</param>
/// <param name="SquareUnits">K x D, sum of squares in units of 2^-24.</param>
/// <param name="Counts">Rows per cluster.</param>
public sealed record ClusterProfile(double[] Sums, long[] SquareUnits, long[] Counts)
{
    public int Count => Counts.Length;

    public int Dimensions => Sums.Length / Counts.Length;

    public static ClusterProfile Of(FeatureMatrix part, ReadOnlySpan<byte> labels, int count)
    {
        var profile = new ClusterProfile(new double[count * part.Columns], new long[count * part.Columns], new long[count]);
        for (int block = 0; block < part.Blocks; block++)
        {
            ReadOnlySpan<byte> blockLabels = labels.Slice(block * FeatureMatrix.BlockRows, part.RowsIn(block));
            foreach (byte label in blockLabels)
            {
                if (label != LloydPart.NoLabel)
                {
                    profile.Counts[label]++;
                }
            }

            for (int d = 0; d < part.Columns; d++)
            {
                profile.AddColumn(part.Column(block, d), blockLabels, d);
            }
        }

        return profile;
    }

    public ClusterProfile Merge(ClusterProfile other) => new(
        [.. Sums.Zip(other.Sums, (a, b) => a + b)],
        [.. SquareUnits.Zip(other.SquareUnits, (a, b) => a + b)],
        [.. Counts.Zip(other.Counts, (a, b) => a + b)]);

    /// <summary>Mean of a feature in a cluster; 0 for an empty cluster.</summary>
    public double Mean(int cluster, int feature) =>
        Counts[cluster] == 0 ? 0 : Sums[(cluster * Dimensions) + feature] / Counts[cluster];

    /// <summary>Variance of a feature in a cluster; 0 for an empty cluster.</summary>
    public double Variance(int cluster, int feature)
    {
        double mean = Mean(cluster, feature);
        return Counts[cluster] == 0
            ? 0
            : Math.Max(0, (SquareUnits[(cluster * Dimensions) + feature] / FeatureGrid.DistanceUnitsPerOne / Counts[cluster]) - (mean * mean));
    }

    /// <summary>Mean, between-cluster variance and within-cluster variance of one feature over the population.</summary>
    public (double Mean, double Between, double Within) Spread(int feature)
    {
        double total = Math.Max(1, Counts.Sum());
        double mean = Enumerable.Range(0, Count).Sum(k => Sums[(k * Dimensions) + feature]) / total;
        double between = 0;
        double within = 0;
        for (int k = 0; k < Count; k++)
        {
            double off = Mean(k, feature) - mean;
            between += Counts[k] * off * off;
            within += Counts[k] * Variance(k, feature);
        }

        return (mean, between / total, within / total);
    }

    private void AddColumn(ReadOnlySpan<float> column, ReadOnlySpan<byte> labels, int feature)
    {
        int dimensions = Dimensions;
        for (int row = 0; row < column.Length; row++)
        {
            if (labels[row] != LloydPart.NoLabel)
            {
                int cell = (labels[row] * dimensions) + feature;
                double value = column[row];
                Sums[cell] += value;
                SquareUnits[cell] += (long)Math.Round(value * value * FeatureGrid.DistanceUnitsPerOne);
            }
        }
    }
}
