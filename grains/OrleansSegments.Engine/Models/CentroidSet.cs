using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Serialization;

namespace OrleansSegments.Engine.Models;

/// <summary>
/// K centroids of D features, immutable. Every distance in the system is computed here or in <see cref="NearestKernel"/> with the same
/// sequence of operations: for each feature, ascending, subtract, multiply, add, in single precision without fused multiply-add. So a
/// single customer gets the same bits as in a sweep or a training.
/// </summary>
public sealed class CentroidSet
{
    /// <summary>Maximum number of centroids: labels are bytes, and sweeps keep their work in registers.</summary>
    public const int CountMax = 64;

    private readonly float[] _lanes;
    private readonly int _lanesPerFeature;

    /// <param name="count">K, 1 to 64.</param>
    /// <param name="dimensions">D, at least 1.</param>
    /// <param name="values">K x D, centroid by centroid, finite.</param>
    [JsonConstructor]
    public CentroidSet(int count, int dimensions, float[] values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, CountMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (values.Length != count * dimensions)
        {
            throw new ArgumentException($"{count} centroids of {dimensions} features need {count * dimensions} values; got {values.Length}.");
        }

        if (Array.FindIndex(values, v => !float.IsFinite(v)) is >= 0 and var bad)
        {
            throw new ArgumentException($"Centroid {bad / dimensions}, feature {bad % dimensions} is {values[bad]}; it must be finite.");
        }

        (Count, Dimensions, Values) = (count, dimensions, values);
        _lanesPerFeature = (count + 7) & ~7;
        _lanes = SpreadOverLanes();
        Quads = PackQuads();
    }

    public int Count { get; }

    public int Dimensions { get; }

    /// <summary>K x D, centroid by centroid. Read only.</summary>
    public float[] Values { get; }

    /// <summary>Hash of shape and bits; identifies the centroids that a training round's answer refers to.</summary>
    [JsonIgnore]
    public ulong Hash => field != 0 ? field : field = XxHash3.HashToUInt64(MemoryMarshal.AsBytes<float>(Values), ((long)Count << 32) | (uint)Dimensions) | 1;

    /// <summary>Four centroids interleaved per feature: [quad][feature][4], missing ones at infinity. Input of the sweep kernel.</summary>
    internal float[] Quads { get; }

    public ReadOnlySpan<float> this[int index] => Values.AsSpan(index * Dimensions, Dimensions);

    /// <summary>
    /// Computes the squared distances from <paramref name="x"/> to every centroid into the first K elements of <paramref name="squared"/>.
    /// </summary>
    [SkipLocalsInit]
    public void Distances(ReadOnlySpan<float> x, Span<float> squared)
    {
        if (x.Length != Dimensions || squared.Length < Count)
        {
            throw new ArgumentException($"Got {x.Length} values and room for {squared.Length}; need {Dimensions} and {Count}.");
        }

        Span<float> lanes = stackalloc float[CountMax];
        ref float centroids = ref MemoryMarshal.GetArrayDataReference(_lanes);
        int group = 0;
        for (; group + 8 < _lanesPerFeature; group += 16)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int d = 0; d < x.Length; d++)
            {
                Vector512<float> centroid = Vector512.LoadUnsafe(ref centroids, (nuint)((d * _lanesPerFeature) + group));
                Vector512<float> difference = Vector512.Create(x[d]) - centroid;
                sum += difference * difference;
            }

            sum.CopyTo(lanes[group..]);
        }

        if (group < _lanesPerFeature)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            for (int d = 0; d < x.Length; d++)
            {
                Vector256<float> centroid = Vector256.LoadUnsafe(ref centroids, (nuint)((d * _lanesPerFeature) + group));
                Vector256<float> difference = Vector256.Create(x[d]) - centroid;
                sum += difference * difference;
            }

            sum.CopyTo(lanes[group..]);
        }

        lanes[..Count].CopyTo(squared);
    }

    /// <summary>Squared distance to one centroid: the plain form, against which the vectorised ones are tested.</summary>
    public float Distance(int index, ReadOnlySpan<float> x)
    {
        ReadOnlySpan<float> centroid = this[index];
        float sum = 0;
        for (int d = 0; d < centroid.Length; d++)
        {
            float difference = x[d] - centroid[d];
            sum += difference * difference;
        }

        return sum;
    }

    private float[] SpreadOverLanes()
    {
        var lanes = new float[_lanesPerFeature * Dimensions];
        Array.Fill(lanes, float.PositiveInfinity);
        for (int k = 0; k < Count; k++)
        {
            for (int d = 0; d < Dimensions; d++)
            {
                lanes[(d * _lanesPerFeature) + k] = Values[(k * Dimensions) + d];
            }
        }

        return lanes;
    }

    private float[] PackQuads()
    {
        var quads = new float[(Count + 3) / 4 * Dimensions * 4];
        Array.Fill(quads, float.PositiveInfinity);
        for (int k = 0; k < Count; k++)
        {
            for (int d = 0; d < Dimensions; d++)
            {
                quads[(((k / 4 * Dimensions) + d) * 4) + (k % 4)] = Values[(k * Dimensions) + d];
            }
        }

        return quads;
    }
}
