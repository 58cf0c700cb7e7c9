using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// The assignment step of a Lloyd round over one part, and the sums for the update step. Exact: <see cref="FeatureGrid"/> explains why the
/// result is the same for any split and order of rows. Tested against <see cref="LloydRoundPlain"/>.
/// </summary>
public static unsafe class LloydRound
{
    /// <summary>
    /// Runs a full pass. <paramref name="labels"/> holds the labels of the previous round (<see cref="LloydPart.NoLabel"/> for none) and
    /// receives the new ones.
    /// </summary>
    public static RoundSums Accumulate(FeatureMatrix part, CentroidSet centroids, Span<byte> labels)
    {
        var before = labels.ToArray();
        labels.Fill(LloydPart.NoLabel);
        RoundSums sums = Accumulate(part, centroids, labels, new double[centroids.Values.Length], new long[centroids.Count]);
        int changed = 0;
        for (int row = 0; row < before.Length; row++)
        {
            changed += before[row] != labels[row] ? 1 : 0;
        }

        return sums with { Changed = changed };
    }

    /// <summary>As above, but only moves changed rows between running sums, which must match the labels on entry.</summary>
    internal static RoundSums Accumulate(
        FeatureMatrix part, CentroidSet centroids, Span<byte> labels, double[] sums, long[] counts)
    {
        if (part.Columns != centroids.Dimensions || labels.Length != part.Rows)
        {
            throw new ArgumentException(
                $"Matrix {part.Rows} x {part.Columns}, {labels.Length} labels, centroids of {centroids.Dimensions} features.");
        }

        var tally = new Tally();
        for (int block = 0; block < part.Blocks; block++)
        {
            int rows = part.RowsIn(block);
            AccumulateBlock(
                part.BlockPointer(block), centroids, labels.Slice(block * FeatureMatrix.BlockRows, rows), sums, counts, ref tally);
        }

        GC.KeepAlive(part);
        return new RoundSums(
            centroids.Hash, [.. sums], [.. counts], tally.InertiaUnits, tally.SilhouetteUnits, tally.Changed, tally.InvalidRows);
    }

    private static void AccumulateBlock(
        float* block, CentroidSet centroids, Span<byte> labels, double[] sums, long[] counts, ref Tally tally)
    {
        float* best = stackalloc float[FeatureMatrix.BlockRows];
        float* second = stackalloc float[FeatureMatrix.BlockRows];
        int* label = stackalloc int[FeatureMatrix.BlockRows];
        NearestKernel.Sweep(block, labels.Length, centroids, best, second, label);
        MarkInvalid(best, second, label, labels.Length, ref tally);
        tally.InertiaUnits += (long)InertiaOf(best);
        tally.SilhouetteUnits += (long)SilhouetteOf(best, second);
        MoveRows(block, centroids, labels, label, sums, counts, ref tally);
    }

    /// <summary>Excludes invalid rows, and the unused slots after the last row, from the block's results.</summary>
    private static void MarkInvalid(float* best, float* second, int* label, int rows, ref Tally tally)
    {
        for (int row = rows; row < FeatureMatrix.BlockRows; row++)
        {
            best[row] = 0;
            second[row] = 0;
        }

        for (int row = 0; row < rows; row += Vector256<float>.Count)
        {
            if (Vector256.EqualsAny(Vector256.Load(best + row), Vector256.Create(float.PositiveInfinity)))
            {
                for (int i = row; i < Math.Min(row + Vector256<float>.Count, rows); i++)
                {
                    if (float.IsPositiveInfinity(best[i]))
                    {
                        tally.InvalidRows++;
                        label[i] = LloydPart.NoLabel;
                        best[i] = 0;
                        second[i] = 0;
                    }
                }
            }
        }
    }

    /// <summary>Sum of distances in units of 2^-24: integers below 2^43, so the double sum of a block is exact in any order.</summary>
    private static double InertiaOf(float* best)
    {
        Vector256<double> sum = Vector256<double>.Zero;
        Vector256<double> unit = Vector256.Create(FeatureGrid.DistanceUnitsPerOne);
        for (int row = 0; row < FeatureMatrix.BlockRows; row += Vector256<float>.Count)
        {
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(Vector256.Load(best + row));
            sum += Vector256.Round(low * unit);
            sum += Vector256.Round(high * unit);
        }

        return Vector256.Sum(sum);
    }

    /// <summary>Sum of 1 - own / second distance in units of 2^-24. 0 / 0 (a row on two centroids at once) counts as 0.</summary>
    private static double SilhouetteOf(float* best, float* second)
    {
        Vector256<double> sum = Vector256<double>.Zero;
        Vector256<float> unit = Vector256.Create((float)FeatureGrid.DistanceUnitsPerOne);
        for (int row = 0; row < FeatureMatrix.BlockRows; row += Vector256<float>.Count)
        {
            Vector256<float> far = Vector256.Load(second + row);
            Vector256<float> width = Vector256<float>.One - Vector256.Sqrt(Vector256.Load(best + row) / far);
            Vector256<float> units = Vector256.ConditionalSelect(
                Vector256.Equals(far, Vector256<float>.Zero), Vector256<float>.Zero, Vector256.Round(width * unit));
            (Vector256<double> low, Vector256<double> high) = Vector256.Widen(units);
            sum += low;
            sum += high;
        }

        return Vector256.Sum(sum);
    }

    private static void MoveRows(
        float* block, CentroidSet centroids, Span<byte> labels, int* label, double[] sums, long[] counts, ref Tally tally)
    {
        int* moved = stackalloc int[FeatureMatrix.BlockRows];
        int* from = stackalloc int[FeatureMatrix.BlockRows];
        int count = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            int old = labels[row];
            if (old != label[row])
            {
                moved[count] = row;
                from[count++] = old;
                labels[row] = (byte)label[row];
            }
        }

        tally.Changed += count;
        for (int i = 0; i < count; i++)
        {
            Move(block + moved[i], from[i], label[moved[i]], centroids.Dimensions, sums, counts);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move(float* x, int from, int to, int dimensions, double[] sums, long[] counts)
    {
        if (from != LloydPart.NoLabel)
        {
            counts[from]--;
            Span<double> left = sums.AsSpan(from * dimensions, dimensions);
            for (int d = 0; d < left.Length; d++)
            {
                left[d] -= x[d * FeatureMatrix.FeatureStride];
            }
        }

        if (to != LloydPart.NoLabel)
        {
            counts[to]++;
            Span<double> joined = sums.AsSpan(to * dimensions, dimensions);
            for (int d = 0; d < joined.Length; d++)
            {
                joined[d] += x[d * FeatureMatrix.FeatureStride];
            }
        }
    }

    private struct Tally
    {
        public long InertiaUnits;
        public long SilhouetteUnits;
        public long Changed;
        public long InvalidRows;
    }
}
