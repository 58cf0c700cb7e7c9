namespace OrleansSegments.Engine.Scaling;

/// <summary>
/// The grid that every scaled value lies on: multiples of 2^-20 within [-8, 8], 24 significant bits and so exact in a float.
/// A sum of up to 2^30 such values is exact in a double, hence the same in any order, on any number of silos and threads.
/// </summary>
public static class FeatureGrid
{
    /// <summary>Largest magnitude of a scaled value.</summary>
    public const float Limit = 8f;

    /// <summary>Grid units in 1.0.</summary>
    public const double UnitsPerOne = 1 << 20;

    /// <summary>Units of squared distance in 1.0: inertia is kept as a 64-bit count of these.</summary>
    public const double DistanceUnitsPerOne = 1 << 24;

    /// <summary>Brings a value into [-8, 8] and onto the grid; NaN becomes 0.</summary>
    public static float Round(double value)
    {
        if (double.IsNaN(value))
        {
            return 0f;
        }

        double units = Math.Round(Math.Clamp(value, -Limit, Limit) * UnitsPerOne);
        return (float)(units / UnitsPerOne);
    }

    /// <summary>A squared distance in units of 2^-24; 0 for one that is not finite.</summary>
    public static long DistanceUnits(float squared) => float.IsFinite(squared) ? (long)Math.Round(squared * DistanceUnitsPerOne) : 0;

    /// <summary>Whether a value is finite, in range and on the grid.</summary>
    public static bool Holds(float value) =>
        Math.Abs(value) <= Limit && (double)value * UnitsPerOne is var units && Math.Round(units) == units;
}
