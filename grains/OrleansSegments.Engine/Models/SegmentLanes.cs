using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Models;

/// <summary>
/// A model prepared for decisions about one customer at eight moments at once: each lane is a moment. Part of a <see
/// cref="SegmentClassifier"/>, whose decisions it reproduces. It computes in single precision and in a different order, so it reports for
/// each lane whether the result is certain: results within the error bound (<see cref="BandOf"/>) of a tie are left to the classifier.
/// Immutable and thread-safe.
/// </summary>
public sealed class SegmentLanes
{
    /// <summary>Lanes per vector.</summary>
    internal const int Width = 8;

    /// <summary>
    /// Maximum error of values given in lanes, times (1 + magnitude): twelve roundings to single precision, three each for power and
    /// logarithm, the rest for the operations between them.
    /// </summary>
    internal const double ValueErrorMax = 12 * Unit;

    /// <summary>The relative error of one rounding to single precision.</summary>
    private const double Unit = 1.0 / (1 << 24);

    /// <summary>Half a step of <see cref="FeatureGrid"/>: the classifier's vectors are rounded to it, the lanes are not.</summary>
    private const double HalfGrid = 0.5 / FeatureGrid.UnitsPerOne;

    /// <summary>Scaling rounds four times: slope, offset, product and difference.</summary>
    private const double ScalingErrorMax = 4 * Unit;

    /// <summary>Covers higher-order terms, which are a millionth of the bound.</summary>
    private const double Slack = 1.01;

    private readonly FeatureScaling _scaling;
    private readonly int[] _segmentIds;
    private readonly double _leaveFactor;
    private readonly float[] _centroids;
    private readonly float[] _slopes;
    private readonly float[] _offsets;
    private readonly float[] _limits;
    private readonly float _bandRelative;
    private readonly float _bandOfRoot;
    private readonly float _bandLeast;

    internal SegmentLanes(SegmentModel model, double leaveFactor)
    {
        _scaling = model.Scaling;
        _segmentIds = model.SegmentIds;
        _leaveFactor = leaveFactor;
        Count = model.Centroids.Count;
        Stride = (Count + Width - 1) / Width * Width;
        _centroids = Transpose(model.Centroids, Stride);
        double[] slopes = [.. _scaling.Scale.Select((scale, i) => scale == 0 ? 0 : _scaling.Weight[i] / scale)];
        double[] offsets = [.. slopes.Select((slope, i) => slope * _scaling.Center[i])];
        double[] limits = [.. _scaling.Clip.Select((clip, i) => clip * _scaling.Weight[i])];
        (_slopes, _offsets, _limits) = (ToSingle(slopes), ToSingle(offsets), ToSingle(limits));

        // An unclamped value is at most (|offset| + limit) / slope, so its error is proportional to the sum of the three.
        double error = Math.Sqrt(slopes.Select(
            (slope, i) => ((ValueErrorMax + ScalingErrorMax) * (slope + Math.Abs(offsets[i]) + limits[i])) + HalfGrid).Sum(e => e * e));
        _bandRelative = (float)(Slack * ((2 * (slopes.Length + 2)) + 4) * Unit);
        _bandOfRoot = (float)(Slack * 2 * error * Math.Sqrt(2));
        _bandLeast = (float)(Slack * 2 * error * error);
        Exact = new ExactLanes(model, leaveFactor);
    }

    /// <summary>Number of centroids (K).</summary>
    public int Count { get; }

    /// <summary>K rounded up to <see cref="Width"/>.</summary>
    internal int Stride { get; }

    /// <summary>The slower, exact computation for results that are too close to a tie.</summary>
    internal ExactLanes Exact { get; }

    internal int IndexOf(int segmentId) => Array.IndexOf(_segmentIds, segmentId);

    /// <summary>
    /// Partial squared distances to the centroids over some features, into the first K elements of <paramref name="sums"/>.
    /// </summary>
    /// <param name="values">All features, unscaled.</param>
    /// <param name="features">Indices of the features to include.</param>
    /// <param name="scaled">Receives all features, scaled.</param>
    /// <param name="sums">Room for <see cref="Stride"/>.</param>
    internal void Rest(ReadOnlySpan<double> values, ReadOnlySpan<byte> features, Span<float> scaled, Span<float> sums)
    {
        _scaling.Apply(values, scaled);
        ref float centroids = ref MemoryMarshal.GetArrayDataReference(_centroids);
        for (int group = 0; group < Stride; group += Width)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            foreach (byte feature in features)
            {
                Vector256<float> centroid = Vector256.LoadUnsafe(ref centroids, (nuint)((feature * Stride) + group));
                Vector256<float> difference = Vector256.Create(scaled[feature]) - centroid;
                sum = Vector256.MultiplyAddEstimate(difference, difference, sum);
            }

            sum.CopyTo(sums[group..]);
        }
    }

    /// <summary>Squared distances of eight vectors to all centroids.</summary>
    /// <param name="features">Indices of the features given in lanes.</param>
    /// <param name="values">Their unscaled values; scaled in place.</param>
    /// <param name="resting">The partial sums of the other features, from <see cref="Rest"/>.</param>
    /// <param name="squared">Room for <see cref="Stride"/>.</param>
    internal unsafe void Distances(
        ReadOnlySpan<byte> features, Span<Vector256<float>> values, ReadOnlySpan<float> resting, Span<Vector256<float>> squared)
    {
        for (int i = 0; i < features.Length; i++)
        {
            values[i] = Scale(features[i], values[i]);
        }

        fixed (Vector256<float>* x = values)
        fixed (float* centroids = _centroids)
        fixed (byte* feature = features)
        {
            for (int k = 0; k < Count; k += Width)
            {
                // Eight sums in parallel, because each addition depends on the previous one.
                Vector256<float> a = Vector256.Create(resting[k]), b = Vector256.Create(resting[k + 1]);
                Vector256<float> c = Vector256.Create(resting[k + 2]), d = Vector256.Create(resting[k + 3]);
                Vector256<float> e = Vector256.Create(resting[k + 4]), f = Vector256.Create(resting[k + 5]);
                Vector256<float> g = Vector256.Create(resting[k + 6]), h = Vector256.Create(resting[k + 7]);
                for (int i = 0; i < features.Length; i++)
                {
                    float* centroid = centroids + (feature[i] * Stride) + k;
                    Vector256<float> value = x[i];
                    Add(ref a, value, centroid[0]);
                    Add(ref b, value, centroid[1]);
                    Add(ref c, value, centroid[2]);
                    Add(ref d, value, centroid[3]);
                    Add(ref e, value, centroid[4]);
                    Add(ref f, value, centroid[5]);
                    Add(ref g, value, centroid[6]);
                    Add(ref h, value, centroid[7]);
                }

                (squared[k], squared[k + 1], squared[k + 2], squared[k + 3]) = (a, b, c, d);
                (squared[k + 4], squared[k + 5], squared[k + 6], squared[k + 7]) = (e, f, g, h);
            }
        }
    }

    /// <summary>Decides for each lane whether the effective segment is <paramref name="current"/>.</summary>
    /// <param name="squared">From <see cref="Distances"/>.</param>
    /// <param name="current">Index of a centroid.</param>
    /// <param name="reference">Index of the centroid of the hysteresis reference; negative for none.</param>
    internal LaneVerdict Judge(ReadOnlySpan<Vector256<float>> squared, int current, int reference)
    {
        Vector256<float> own = squared[current];
        Vector256<float> other = Vector256.Create(float.PositiveInfinity);
        for (int k = 0; k < Count; k++)
        {
            other = k == current ? other : Vector256.MinNative(other, squared[k]);
        }

        if (reference == current)
        {
            own *= (float)_leaveFactor;
        }
        else if (reference >= 0)
        {
            // It must be the nearest, and nearer than the reference by the margin.
            other = Vector256.MinNative(other, squared[reference] * (float)_leaveFactor);
        }

        Vector256<float> margin = other - own;
        Vector256<float> band = BandOf(other + own);
        return new LaneVerdict(
            margin, Vector256.GreaterThan(margin, band).ExtractMostSignificantBits(), Vector256.LessThan(margin, -band).ExtractMostSignificantBits());
    }

    /// <summary>
    /// The margins to the one centroid that decides in a given lane; unlike a verdict's margins they have no kink where another centroid
    /// becomes the nearest.
    /// </summary>
    internal Vector256<float> MarginsTo(ReadOnlySpan<Vector256<float>> squared, int current, int reference, int lane)
    {
        Vector256<float> own = reference == current ? squared[current] * (float)_leaveFactor : squared[current];
        Vector256<float> nearest = Vector256.Create(float.PositiveInfinity);
        for (int k = 0; k < Count; k++)
        {
            if (k != current)
            {
                Vector256<float> other = k == reference ? squared[k] * (float)_leaveFactor : squared[k];
                nearest = other[lane] < nearest[lane] ? other : nearest;
            }
        }

        return nearest - own;
    }

    /// <summary>
    /// Bound of the error of the difference of two squared distances against the classifier's. Each distance d is summed here and there
    /// with at most (features + 2) roundings each; and the vector differs from the classifier's by at most e, which changes d by 2 e
    /// sqrt(d) + e^2.
    /// </summary>
    private Vector256<float> BandOf(Vector256<float> sum) => Vector256.MultiplyAddEstimate(
        sum, Vector256.Create(_bandRelative),
        Vector256.MultiplyAddEstimate(Vector256.Sqrt(sum), Vector256.Create(_bandOfRoot), Vector256.Create(_bandLeast)));

    private Vector256<float> Scale(int feature, Vector256<float> value)
    {
        Vector256<float> limit = Vector256.Create(_limits[feature]);
        Vector256<float> scaled = Vector256.MultiplyAddEstimate(value, Vector256.Create(_slopes[feature]), Vector256.Create(-_offsets[feature]));
        return Vector256.MinNative(Vector256.MaxNative(scaled, -limit), limit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector256<float> sum, Vector256<float> x, float centroid)
    {
        Vector256<float> difference = x - Vector256.Create(centroid);
        sum = Vector256.MultiplyAddEstimate(difference, difference, sum);
    }

    /// <summary>Feature by feature; unused elements are infinite.</summary>
    private static float[] Transpose(CentroidSet centroids, int stride)
    {
        var transposed = new float[centroids.Dimensions * stride];
        Array.Fill(transposed, float.PositiveInfinity);
        for (int k = 0; k < centroids.Count; k++)
        {
            for (int d = 0; d < centroids.Dimensions; d++)
            {
                transposed[(d * stride) + k] = centroids.Values[(k * centroids.Dimensions) + d];
            }
        }

        return transposed;
    }

    private static float[] ToSingle(double[] values) => Array.ConvertAll(values, v => (float)v);
}

/// <summary>For each lane, whether a customer stays in a segment.</summary>
/// <param name="Margins">Squared distance left until it leaves; negative when it has left.</param>
/// <param name="Stays">A bit for every lane in which it certainly stays.</param>
/// <param name="Leaves">A bit for every lane in which it certainly leaves. Lanes with neither bit are too close to call.</param>
internal readonly record struct LaneVerdict(Vector256<float> Margins, uint Stays, uint Leaves);
