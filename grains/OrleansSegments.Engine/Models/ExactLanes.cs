using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Models;

/// <summary>
/// Computes bit for bit the distances that <see cref="SegmentClassifier"/> uses, for one customer at eight moments at once: rounds values
/// in double precision to the grid, then runs the operations of <see cref="CentroidSet"/> in their order. When a value is so close to the
/// middle of two grid steps that its own error decides the rounding, the lane is left to the classifier. Three times the work of <see
/// cref="SegmentLanes"/>.
/// </summary>
internal sealed class ExactLanes
{
    /// <summary>Maximum error of values given in lanes, times (1 + magnitude): some hundred roundings to double precision.</summary>
    private const double ValueErrorMax = 1e-13;

    /// <summary>The number of interleaved centroids in <see cref="CentroidSet.Quads"/>.</summary>
    private const int SumsAtOnce = 4;

    private readonly CentroidSet _centroids;
    private readonly double _leaveFactor;
    private readonly Grid[] _grids;

    public ExactLanes(SegmentModel model, double leaveFactor)
    {
        (_centroids, _leaveFactor) = (model.Centroids, leaveFactor);
        _grids = [.. Enumerable.Range(0, model.Scaling.Count).Select(feature => GridOf(model.Scaling, feature))];
    }

    /// <summary>
    /// Squared distances of eight vectors to all centroids. Returns a bit for every lane that must be left to the classifier.
    /// </summary>
    /// <param name="resting">The whole scaled vector; entries of features given in lanes are ignored.</param>
    /// <param name="features">Indices of the features given in lanes.</param>
    /// <param name="values">Their unscaled values.</param>
    /// <param name="squared">Room for <see cref="SegmentLanes.Stride"/>.</param>
    [SkipLocalsInit]
    public uint Distances(
        ReadOnlySpan<float> resting, ReadOnlySpan<byte> features, ReadOnlySpan<Vector512<double>> values, Span<Vector256<float>> squared)
    {
        Span<Vector256<float>> scaled = stackalloc Vector256<float>[resting.Length];
        for (int d = 0; d < resting.Length; d++)
        {
            scaled[d] = Vector256.Create(resting[d]);
        }

        uint doubtful = 0;
        for (int i = 0; i < features.Length; i++)
        {
            scaled[features[i]] = Scale(in _grids[features[i]], values[i], ref doubtful);
        }

        for (int k = 0; k < _centroids.Count; k += SumsAtOnce)
        {
            AddUp(k, scaled, squared);
        }

        return doubtful;
    }

    /// <summary>The index of the effective segment, as the classifier would find it.</summary>
    /// <param name="reference">Index of the centroid of the hysteresis reference; negative for none.</param>
    public int Decide(ReadOnlySpan<Vector256<float>> squared, int lane, int reference)
    {
        int nearest = 0;
        for (int k = 1; k < _centroids.Count; k++)
        {
            nearest = squared[k][lane] < squared[nearest][lane] ? k : nearest;
        }

        return reference >= 0 && !(squared[nearest][lane] < _leaveFactor * squared[reference][lane]) ? reference : nearest;
    }

    /// <summary>Computes four distances in parallel, because each addition depends on the previous one.</summary>
    private void AddUp(int first, ReadOnlySpan<Vector256<float>> scaled, Span<Vector256<float>> squared)
    {
        ReadOnlySpan<float> quads = _centroids.Quads.AsSpan(first * scaled.Length);
        Vector256<float> a = Vector256<float>.Zero, b = a, c = a, d = a;
        for (int i = 0; i < scaled.Length; i++)
        {
            Vector128<float> centroids = Vector128.Create(quads.Slice(i * SumsAtOnce, SumsAtOnce));
            Add(ref a, scaled[i], centroids[0]);
            Add(ref b, scaled[i], centroids[1]);
            Add(ref c, scaled[i], centroids[2]);
            Add(ref d, scaled[i], centroids[3]);
        }

        (squared[first], squared[first + 1], squared[first + 2], squared[first + 3]) = (a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector256<float> sum, Vector256<float> x, float centroid)
    {
        Vector256<float> difference = x - Vector256.Create(centroid);
        sum += difference * difference;
    }

    private static Vector256<float> Scale(in Grid grid, Vector512<double> value, ref uint doubtful)
    {
        Vector512<double> limit = Vector512.Create(grid.LimitUnits);
        Vector512<double> units = (value - Vector512.Create(grid.Center)) * grid.UnitsPerValue;
        units = Vector512.MinNative(Vector512.MaxNative(units, -limit), limit);
        Vector512<double> whole = Vector512.Round(units);
        Vector512<double> fromMiddle = Vector512.Create(0.5) - Vector512.Abs(units - whole);
        doubtful |= (uint)(~Vector512.GreaterThan(fromMiddle, Vector512.Create(grid.DoubtfulUnits))).ExtractMostSignificantBits();
        whole *= 1 / FeatureGrid.UnitsPerOne;
        return Vector256.Narrow(whole.GetLower(), whole.GetUpper());
    }

    private static Grid GridOf(FeatureScaling scaling, int feature)
    {
        double scale = scaling.Scale[feature];
        if (scale == 0)
        {
            return default;
        }

        // Bounds the magnitude of any value that is not clamped.
        double magnitude = Math.Abs(scaling.Center[feature]) + (scaling.Clip[feature] * scale);
        double unitsPerValue = scaling.Weight[feature] / scale * FeatureGrid.UnitsPerOne;
        return new Grid(
            scaling.Center[feature], unitsPerValue, scaling.Clip[feature] * scaling.Weight[feature] * FeatureGrid.UnitsPerOne,
            ValueErrorMax * (1 + magnitude) * unitsPerValue);
    }

    /// <summary>The conversion of one feature's values to grid steps.</summary>
    /// <param name="DoubtfulUnits">The error of a value in grid steps.</param>
    private readonly record struct Grid(double Center, double UnitsPerValue, double LimitUnits, double DoubtfulUnits);
}
