using System.Numerics;
using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Features;

/// <summary>Computes feature values at a moment from the cells of a state. Does not change the state.</summary>
internal static class FeatureEvaluation
{
    public const double DayMilliseconds = 86_400_000;

    private const int DistinctBits = 128;

    /// <summary>
    /// Linear counting: n = -m ln(z / m) with z of m bits still zero (Whang, Vander-Zanden, Taylor 1990); z = 0.5 when none is.
    /// </summary>
    private static readonly double[] DistinctEstimates =
        [.. Enumerable.Range(0, DistinctBits + 1).Select(set => -DistinctBits * Math.Log(Math.Max(0.5, DistinctBits - set) / DistinctBits) + 0.0)];

    private static readonly double[] DistinctLogs = Array.ConvertAll(DistinctEstimates, Log1p);

    /// <summary>
    /// Decay factors of all half-lives from the reference time to <paramref name="at"/>. A moment before the newest event counts as that
    /// event's moment, because a state cannot remove events.
    /// </summary>
    public static long Factors(StateLayout layout, ReadOnlySpan<double> cells, long at, Span<double> factors)
    {
        var reference = (long)cells[StateLayout.LastEventCell];
        at = Math.Max(at, reference);
        for (var half = 0; half < layout.HalfLives.Length; half++)
        {
            factors[half] = FeatureUpdate.Factor(at - reference, layout.HalfLives[half]);
        }

        return at;
    }

    public static void Natural(ReadOnlySpan<CompiledFeature> features, ReadOnlySpan<double> cells, ReadOnlySpan<double> factors, long at, Span<double> values)
    {
        for (var i = 0; i < features.Length; i++)
        {
            values[i] = Filled(in features[i], cells, factors[features[i].FactorA], factors[features[i].FactorB], at);
        }
    }

    /// <summary>Computes the same values, transformed, with the operations grouped for the processor.</summary>
    public static void Transformed(
        CompiledFeature[] features, MotionPlan plan, ReadOnlySpan<double> cells, ReadOnlySpan<double> factors, long at, Span<double> values)
    {
        foreach (ref readonly var decay in plan.Decays.AsSpan())
        {
            var value = cells[decay.CellA] * factors[decay.HalfLife];
            values[decay.Index] = double.IsFinite(value)
                ? Transform(decay.Transform, value) : Transformed(in features[decay.Index], cells, factors[decay.HalfLife], 1, at);
        }

        foreach (ref readonly var quotient in plan.Quotients.AsSpan())
        {
            var (b, factor) = (cells[quotient.CellB], factors[quotient.HalfLife]);
            var value = (cells[quotient.CellA] * factor + quotient.Prior) / (b * factor + quotient.PriorWeight);
            values[quotient.Index] = double.IsFinite(value) && !(quotient.NeedsDenominator && b <= 0)
                ? Transform(quotient.Transform, value) : Transformed(in features[quotient.Index], cells, factor, factor, at);
        }

        foreach (ref readonly var other in plan.Others.AsSpan())
        {
            values[other.Index] = Transformed(in other.Feature, cells, 1, 1, at);
        }
    }

    /// <summary>
    /// The transformed value of a feature that does not depend on the moment for these cells; any moment and factor may be passed.
    /// </summary>
    public static double Resting(in CompiledFeature feature, ReadOnlySpan<double> cells) => Transformed(in feature, cells, 1, 1, 0);

    /// <summary>True when the missing rule applies, for a feature where that does not depend on the moment.</summary>
    public static bool IsMissing(in CompiledFeature feature, ReadOnlySpan<double> cells) => !double.IsFinite(Natural(in feature, cells, 1, 1, 0));

    /// <summary>
    /// log(1 + x) with full relative accuracy also for small x (W. Kahan): the rounding of 1 + x cancels in the quotient.
    /// </summary>
    public static double Log1p(double x)
    {
        var u = 1 + x;
        return u.Equals(1.0) ? x : Math.Log(u) * (x / (u - 1));
    }

    private static double Transformed(in CompiledFeature feature, ReadOnlySpan<double> cells, double factorA, double factorB, long at) =>
        feature is { Aggregation: Aggregation.Distinct, Transform: Features.Transform.Log1p }
            ? DistinctLogs[DistinctBitsSet(in feature, cells)]
            : Transform(feature.Transform, Filled(in feature, cells, factorA, factorB, at));

    /// <summary>NaN stays NaN.</summary>
    private static double Transform(Transform transform, double value) => transform switch
    {
        Features.Transform.Log1p => double.IsNaN(value) ? double.NaN : Log1p(Math.Max(0, value)),
        Features.Transform.Sqrt => Math.Sqrt(value),
        _ => value,
    };

    /// <summary>In natural units, with the missing rule applied.</summary>
    private static double Filled(in CompiledFeature feature, ReadOnlySpan<double> cells, double factorA, double factorB, long at)
    {
        var value = Natural(in feature, cells, factorA, factorB, at);
        return double.IsFinite(value) ? value : Missing(in feature, cells, at);
    }

    private static double Natural(in CompiledFeature feature, ReadOnlySpan<double> cells, double factorA, double factorB, long at)
    {
        var a = cells[feature.CellA];
        switch (feature.Aggregation)
        {
            case Aggregation.DecayedCount:
            case Aggregation.DecayedSum:
                return a * factorA;
            case Aggregation.Distinct:
                return DistinctEstimates[DistinctBitsSet(in feature, cells)];
            case Aggregation.Last:
            case Aggregation.First:
                return cells[feature.CellA + 1] > 0 ? a : double.NaN;
            case Aggregation.TimeSince:
            case Aggregation.TimeSinceFirst:
                return a > 0 ? Math.Max(0, at - a) / DayMilliseconds : double.NaN;
            case Aggregation.IntervalMean:
                var count = cells[feature.CellC];
                return count >= 2 ? (cells[feature.CellB] - a) / DayMilliseconds / (count - 1) : double.NaN;
            default:
                return Quotient(in feature, a, cells[feature.CellB], factorA, factorB);
        }
    }

    private static int DistinctBitsSet(in CompiledFeature feature, ReadOnlySpan<double> cells)
    {
        var bits = MemoryMarshal.Cast<double, ulong>(cells);
        return BitOperations.PopCount(bits[feature.CellA]) + BitOperations.PopCount(bits[feature.CellA + 1]);
    }

    private static double Quotient(in CompiledFeature feature, double a, double b, double factorA, double factorB)
    {
        // Without a denominator the quotient is unknown: a shop that reports no carts has no orders per cart.
        if (b <= 0 && feature.Missing == MissingRule.Mean)
        {
            return double.NaN;
        }

        // Without a prior the decay of numerator and denominator cancels.
        return feature.PriorWeight > 0
            ? (a * factorA + feature.PriorWeight * feature.PriorMean) / (b * factorB + feature.PriorWeight)
            : a / b;
    }

    private static double Missing(in CompiledFeature feature, ReadOnlySpan<double> cells, long at) => feature.Missing switch
    {
        MissingRule.Value => feature.MissingValue,
        MissingRule.Mean => double.NaN,
        _ => cells[StateLayout.FirstEventCell] > 0 ? Math.Max(0, at - cells[StateLayout.FirstEventCell]) / DayMilliseconds : 0,
    };
}

/// <summary>What evaluation needs of a feature: cell and decay-factor indices, prior, transform and missing rule.</summary>
internal readonly record struct CompiledFeature(
    Aggregation Aggregation,
    int CellA,
    int CellB,
    int CellC,
    int FactorA,
    int FactorB,
    double PriorWeight,
    double PriorMean,
    Transform Transform,
    MissingRule Missing,
    double MissingValue);
