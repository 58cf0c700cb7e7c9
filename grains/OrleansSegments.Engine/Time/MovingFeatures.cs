using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// The features of one customer, told apart by whether they move with time. Those that do are computed for eight moments at once, in single
/// precision; <see cref="Models.SegmentLanes.ValueErrorMax"/> bounds the error, and the caller decides near ties by the plain evaluation.
/// Holds no memory of its own.
/// </summary>
internal ref struct MovingFeatures
{
    /// <summary>Larger sums would overflow single precision; no event carries such a value.</summary>
    private const double SumMax = 1e30;

    private readonly ReadOnlySpan<double> _cells;
    private readonly double[] _halfLives;
    private readonly Span<MovingFeature> _features;
    private readonly Span<byte> _indices;
    private readonly double _reference;
    private uint _halfLivesUsed;
    private int _count;
    private int _restingCount;

    /// <param name="features">Space for one entry per feature of the catalogue.</param>
    /// <param name="indices">Space for as many bytes.</param>
    /// <param name="resting">Takes the transformed value of every feature that does not move, NaN for the others.</param>
    public MovingFeatures(FeatureEngine engine, ReadOnlySpan<double> cells, Span<MovingFeature> features, Span<byte> indices, Span<double> resting)
    {
        _cells = cells;
        _features = features;
        _indices = indices;
        _halfLives = engine.Catalogue.Layout.HalfLives;
        _reference = (long)cells[StateLayout.LastEventCell];
        IsFit = _halfLives.Length <= sizeof(uint) * 8;
        foreach (ref readonly var feature in engine.Catalogue.CompiledByMotion.AsSpan())
        {
            resting[feature.Index] = feature.Motion switch
            {
                Motion.Decay => Decay(in feature),
                Motion.Quotient => Quotient(in feature),
                Motion.Age when cells[feature.CellA] > 0 => Age(in feature, cells[feature.CellA]),
                _ => Other(in feature),
            };
        }
    }

    /// <summary>False for the rare customer whose numbers the error bound does not cover, such as a negative denominator.</summary>
    public bool IsFit { get; private set; }

    /// <summary>The features that move.</summary>
    public readonly ReadOnlySpan<byte> Indices => _indices[.._count];

    /// <summary>The features that do not.</summary>
    public readonly ReadOnlySpan<byte> Resting => _indices[^_restingCount..];

    /// <summary>Time of the newest event, Unix milliseconds.</summary>
    public readonly double Reference => _reference;

    /// <summary>Computes the transformed values at eight moments, feature after feature.</summary>
    /// <param name="times">Unix milliseconds. A moment before the newest event counts as that event's moment.</param>
    /// <param name="values">Space for one vector per moving feature.</param>
    [SkipLocalsInit]
    public readonly void Evaluate(Vector512<double> times, Span<Vector256<float>> values)
    {
        var elapsed = Vector512.Max(times - Vector512.Create(_reference), Vector512<double>.Zero);
        var days = LaneMath.Narrow(elapsed * (1 / FeatureEvaluation.DayMilliseconds));
        Span<Vector256<float>> factors = stackalloc Vector256<float>[_halfLives.Length + 1];
        for (var half = 0; half < _halfLives.Length; half++)
        {
            if ((_halfLivesUsed >> half & 1) != 0)
            {
                factors[half] = LaneMath.PowerOfHalf(elapsed * (1 / _halfLives[half]));
            }
        }

        for (var i = 0; i < _count; i++)
        {
            ref readonly var feature = ref _features[i];
            var value = feature.Motion switch
            {
                Motion.Decay => factors[feature.HalfLife] * feature.A,
                Motion.Quotient => Quotient(in feature, factors[feature.HalfLife]),
                _ => days + Vector256.Create(feature.A),
            };
            values[i] = feature.Transform switch
            {
                // Plain log(1 + x): what it loses for small x is below the error bound, which is absolute there.
                Transform.Log1p => LaneMath.Log(Vector256.Max(value, Vector256<float>.Zero) + Vector256<float>.One),
                Transform.Sqrt => Vector256.Sqrt(value),
                _ => value,
            };
        }
    }

    private static Vector256<float> Quotient(in MovingFeature feature, Vector256<float> factor) =>
        Vector256.MultiplyAddEstimate(factor, Vector256.Create(feature.A), Vector256.Create(feature.Prior))
        / Vector256.MultiplyAddEstimate(factor, Vector256.Create(feature.B), Vector256.Create(feature.PriorWeight));

    private double Decay(in CompiledFeature feature)
    {
        var a = _cells[feature.CellA];
        return a.Equals(0.0)
            ? Rest(in feature, feature.AtRest)
            : Move(in feature, new(Motion.Decay, feature.Transform, (byte)feature.FactorA, (float)a), Math.Abs(a) < SumMax);
    }

    private double Quotient(in CompiledFeature feature)
    {
        var (a, b) = (_cells[feature.CellA], _cells[feature.CellB]);
        if (b <= 0 && (feature.Missing == MissingRule.Mean || (a.Equals(0.0) && b.Equals(0.0))))
        {
            return Rest(in feature, feature.AtRest);
        }

        var moving = new MovingFeature(
            Motion.Quotient, feature.Transform, (byte)feature.FactorA, (float)a, (float)b, (float)(feature.PriorWeight * feature.PriorMean), (float)feature.PriorWeight);
        return Move(in feature, in moving, IsTame(in feature, a, b));
    }

    private double Age(in CompiledFeature feature, double since)
    {
        var days = (_reference - since) / FeatureEvaluation.DayMilliseconds;
        return Move(in feature, new(Motion.Age, feature.Transform, 0, (float)days), days >= 0);
    }

    private double Other(in CompiledFeature feature)
    {
        var first = _cells[StateLayout.FirstEventCell];
        return feature.Missing == MissingRule.AccountAge && first > 0 && FeatureEvaluation.IsMissing(in feature, _cells)
            ? Age(in feature, first)
            : Rest(in feature, FeatureEvaluation.Resting(in feature, _cells));
    }

    private double Move(in CompiledFeature feature, in MovingFeature moving, bool fits)
    {
        IsFit &= fits;
        _halfLivesUsed |= moving.Motion == Motion.Age ? 0 : 1u << moving.HalfLife;
        _indices[_count] = (byte)feature.Index;
        _features[_count++] = moving;
        return double.NaN;
    }

    private double Rest(in CompiledFeature feature, double value)
    {
        _indices[^++_restingCount] = (byte)feature.Index;
        return value;
    }

    /// <summary>Whether the rounding of a quotient is covered: without opposite signs it is relative, with them it is still small if
    /// the parts are no larger than 1.</summary>
    private static bool IsTame(in CompiledFeature feature, double a, double b) =>
        feature.FactorA == feature.FactorB && b >= 0 && b < SumMax && Math.Abs(a) < SumMax
        && ((a >= 0 && feature.PriorMean >= 0) || (feature.Transform == Transform.None && Math.Abs(a) <= b && Math.Abs(feature.PriorMean) <= 1));
}
