using System.Numerics;
using System.Runtime.Intrinsics;

namespace OrleansSegments.Engine.Scaling;

/// <summary>
/// Maps transformed feature values (for example log1p of days) to the scaled space in which distances are measured: scaled = clamp((value -
/// Center) / Scale, ±Clip) x Weight, on the grid of <see cref="FeatureGrid"/>. NaN (unknown) becomes 0, the population's centre. A feature
/// with Scale 0 is constant and contributes 0. Part of a model: centroids are only valid with the scaling they were trained under.
/// </summary>
public sealed record FeatureScaling
{
    public const double ClipDefault = 4;

    private const int Width = 8;

    /// <summary>All arrays have one entry per feature, in the order of the model's feature names.</summary>
    /// <exception cref="ArgumentException">Thrown when lengths differ or an entry breaks its rule; the message names feature, value and
    /// rule.</exception>
    public FeatureScaling(double[] center, double[] scale, double[] clip, double[] weight)
    {
        if (scale.Length != center.Length || clip.Length != center.Length || weight.Length != center.Length)
        {
            throw new ArgumentException(
                $"Centre has {center.Length} features, scale {scale.Length}, clip {clip.Length}, weight {weight.Length}; they must agree.");
        }

        for (int i = 0; i < center.Length; i++)
        {
            Demand(double.IsFinite(center[i]), i, "centre", center[i], "be finite");
            Demand(double.IsFinite(scale[i]) && scale[i] >= 0, i, "scale", scale[i], "be finite and not negative");
            Demand(clip[i] is > 0 and <= FeatureGrid.Limit, i, "clip", clip[i], $"be in (0, {FeatureGrid.Limit}]");
            Demand(weight[i] >= 0 && weight[i] * clip[i] <= FeatureGrid.Limit, i, "weight", weight[i],
                $"not be negative, and clip x weight must not exceed {FeatureGrid.Limit}");
        }

        Center = center;
        Scale = scale;
        Clip = clip;
        Weight = weight;
    }

    public double[] Center { get; }

    public double[] Scale { get; }

    public double[] Clip { get; }

    public double[] Weight { get; }

    /// <summary>Number of features.</summary>
    public int Count => Center.Length;

    /// <summary>Centre 0, scale 1, weight 1: for already scaled data and for the model before the first training.</summary>
    public static FeatureScaling Identity(int features, double clip = ClipDefault) =>
        new(new double[features], Filled(features, 1), Filled(features, clip), Filled(features, 1));

    /// <summary>Scales one customer. Returns the number of clamped values, so that callers can monitor their share.</summary>
    public int Apply(ReadOnlySpan<double> values, Span<float> scaled)
    {
        if (values.Length != Count || scaled.Length < Count)
        {
            throw new ArgumentException($"Got {values.Length} values and room for {scaled.Length}; the scaling has {Count} features.");
        }

        int clamped = 0;
        int vectors = values.Length / Width * Width;
        for (int i = 0; i < vectors; i += Width)
        {
            clamped += ApplyVector(i, Vector512.Create(values[i..]), scaled[i..]);
        }

        return clamped + ApplyPlain(vectors, values, scaled);
    }

    /// <summary>Scalar version of <see cref="Apply"/>, bit-identical.</summary>
    public int ApplyPlain(ReadOnlySpan<double> values, Span<float> scaled) => ApplyPlain(0, values, scaled);

    /// <summary>Converts a scaled value back to the transformed value; returns the centre for a feature that does not contribute.</summary>
    public double Restore(int feature, double scaled)
    {
        double weight = Weight[feature];
        return weight == 0 ? Center[feature] : Center[feature] + (scaled / weight * Scale[feature]);
    }

    private int ApplyPlain(int first, ReadOnlySpan<double> values, Span<float> scaled)
    {
        int clamped = 0;
        for (int i = first; i < values.Length; i++)
        {
            double scale = Scale[i];
            double z = scale == 0 || double.IsNaN(values[i]) ? 0 : (values[i] - Center[i]) / scale;
            double clip = Clip[i];
            if (Math.Abs(z) > clip)
            {
                clamped++;
                z = Math.CopySign(clip, z);
            }

            scaled[i] = (float)(Math.Round(z * Weight[i] * FeatureGrid.UnitsPerOne) / FeatureGrid.UnitsPerOne);
        }

        return clamped;
    }

    /// <summary>The operations of the scalar version on eight features; division and rounding give the same bits in both.</summary>
    private int ApplyVector(int first, Vector512<double> values, Span<float> scaled)
    {
        Vector512<double> scale = Vector512.LoadUnsafe(ref Scale[first]);
        Vector512<double> counts = Vector512.Equals(values, values) & ~Vector512.Equals(scale, Vector512<double>.Zero);
        Vector512<double> z = ((values - Vector512.LoadUnsafe(ref Center[first])) / scale) & counts;
        Vector512<double> clip = Vector512.LoadUnsafe(ref Clip[first]);
        Vector512<double> beyond = Vector512.GreaterThan(Vector512.Abs(z), clip);
        z = Vector512.ConditionalSelect(beyond, Vector512.CopySign(clip, z), z);
        Vector512<double> units = Vector512.Round(z * Vector512.LoadUnsafe(ref Weight[first]) * FeatureGrid.UnitsPerOne);
        Vector512<double> grid = units * (1 / FeatureGrid.UnitsPerOne);
        Vector256.Narrow(grid.GetLower(), grid.GetUpper()).CopyTo(scaled);
        return BitOperations.PopCount(beyond.ExtractMostSignificantBits());
    }

    private static double[] Filled(int count, double value)
    {
        var filled = new double[count];
        Array.Fill(filled, value);
        return filled;
    }

    private static void Demand(bool holds, int feature, string what, double value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentException($"Feature {feature}: {what} is {value}; it must {rule}.");
        }
    }
}

/// <summary>
/// The grid of all scaled values: multiples of 2^-20 within [-8, 8], 24 significant bits and therefore exact in a float. A sum of up to
/// 2^30 such values is exact in a double, hence the same in any order and on any number of silos and threads.
/// </summary>
public static class FeatureGrid
{
    /// <summary>Largest magnitude of a scaled value.</summary>
    public const float Limit = 8f;

    /// <summary>Grid units in 1.0.</summary>
    public const double UnitsPerOne = 1 << 20;

    /// <summary>Units of squared distance per 1.0; inertia is stored as a 64-bit count of them.</summary>
    public const double DistanceUnitsPerOne = 1 << 24;

    /// <summary>Clamps a value to [-8, 8] and rounds it to the grid; NaN becomes 0.</summary>
    public static float Round(double value)
    {
        if (double.IsNaN(value))
        {
            return 0f;
        }

        double units = Math.Round(Math.Clamp(value, -Limit, Limit) * UnitsPerOne);
        return (float)(units / UnitsPerOne);
    }

    /// <summary>A squared distance in units of 2^-24; 0 when it is not finite.</summary>
    public static long DistanceUnits(float squared) => float.IsFinite(squared) ? (long)Math.Round(squared * DistanceUnitsPerOne) : 0;

    /// <summary>True when a value is finite, in range and on the grid.</summary>
    public static bool Holds(float value) =>
        Math.Abs(value) <= Limit && (double)value * UnitsPerOne is var units && Math.Round(units) == units;
}
