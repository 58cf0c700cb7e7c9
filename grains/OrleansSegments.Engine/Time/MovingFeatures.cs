using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// One customer's features, split into those that change with time and those that do not. The former are computed for eight moments at
/// once, in single or double precision; <see cref="Models.SegmentLanes"/> and <see cref="Models.ExactLanes"/> state the error bounds they
/// assume. Allocates no memory.
/// </summary>
internal readonly ref struct MovingFeatures
{
    /// <summary>Larger sums would overflow single precision; no event has such a value.</summary>
    private const double SumMax = 1e30;

    private readonly double[] _halfLives;
    private readonly PlannedFeature[] _quotients;
    private readonly ReadOnlySpan<MovingFeature> _features;
    private readonly int _decaysEnd;
    private readonly int _quotientsEnd;
    private readonly uint _halfLivesUsed;

    /// <param name="features">Buffer with one entry per feature of the catalogue.</param>
    /// <param name="indices">Buffer of as many bytes.</param>
    /// <param name="resting">Buffer of as many numbers.</param>
    public MovingFeatures(FeatureEngine engine, ReadOnlySpan<double> cells, Span<MovingFeature> features, Span<byte> indices, Span<double> resting)
    {
        var plan = engine.Catalogue.Motion;
        _quotients = plan.Quotients;
        _halfLives = engine.Catalogue.Layout.HalfLives;
        Reference = (long)cells[StateLayout.LastEventCell];
        var lists = new Lists(features, indices, resting) { IsFit = _halfLives.Length <= sizeof(uint) * 8 };
        AddDecays(plan.Decays, cells, ref lists);
        _decaysEnd = lists.Moving;
        AddQuotients(plan.Quotients, cells, ref lists);
        _quotientsEnd = lists.Moving;
        AddOthers(plan.Others, cells, Reference, ref lists);
        _features = features[..lists.Moving];
        _halfLivesUsed = lists.HalfLivesUsed;
        IsFit = lists.IsFit;
        Indices = indices[..lists.Moving];
        Resting = indices[lists.Moving..];
        RestingValues = resting;
    }

    /// <summary>False for the rare customer whose numbers the error bounds do not cover, for example a negative denominator.</summary>
    public bool IsFit { get; }

    /// <summary>Indices of the features that change with time.</summary>
    public ReadOnlySpan<byte> Indices { get; }

    /// <summary>Indices of the constant features.</summary>
    public ReadOnlySpan<byte> Resting { get; }

    /// <summary>The transformed values of the constant features; the other entries are undefined.</summary>
    public ReadOnlySpan<double> RestingValues { get; }

    /// <summary>Time of the newest event, Unix milliseconds.</summary>
    public double Reference { get; }

    /// <summary>Computes the transformed values at eight moments, feature by feature.</summary>
    /// <param name="times">Unix milliseconds. A moment before the newest event counts as that event's moment.</param>
    /// <param name="values">Buffer of one vector per moving feature.</param>
    [SkipLocalsInit]
    public void Evaluate(Vector512<double> times, Span<Vector256<float>> values)
    {
        var elapsed = Vector512.MaxNative(times - Vector512.Create(Reference), Vector512<double>.Zero);
        Span<Vector256<float>> factors = stackalloc Vector256<float>[_halfLives.Length + 1];
        for (var half = 0; half < _halfLives.Length; half++)
        {
            if ((_halfLivesUsed >> half & 1) != 0)
            {
                factors[half] = LaneMath.PowerOfHalf(elapsed * (1 / _halfLives[half]));
            }
        }

        for (var i = 0; i < _features.Length; i++)
        {
            ref readonly var feature = ref _features[i];
            var value = i < _decaysEnd ? factors[feature.HalfLife] * (float)feature.A
                : i < _quotientsEnd ? Quotient(in feature, in _quotients[feature.Planned], factors[feature.HalfLife])
                : LaneMath.Narrow((elapsed + Vector512.Create(feature.A)) * (1 / FeatureEvaluation.DayMilliseconds));
            values[i] = feature.Transform switch
            {
                // Plain log(1 + x): its loss for small x is below the error bound, which is absolute there.
                Transform.Log1p => LaneMath.Log(Vector256.MaxNative(value, Vector256<float>.Zero) + Vector256<float>.One),
                Transform.Sqrt => Vector256.Sqrt(value),
                _ => value,
            };
        }
    }

    /// <summary>The same in double precision; differs from the plain evaluation only in the last digits.</summary>
    [SkipLocalsInit]
    public void Evaluate(Vector512<double> times, Span<Vector512<double>> values)
    {
        var elapsed = Vector512.MaxNative(times - Vector512.Create(Reference), Vector512<double>.Zero);
        Span<Vector512<double>> factors = stackalloc Vector512<double>[_halfLives.Length + 1];
        for (var half = 0; half < _halfLives.Length; half++)
        {
            if ((_halfLivesUsed >> half & 1) != 0)
            {
                factors[half] = Vector512.Exp(elapsed * (-Math.Log(2) / _halfLives[half]));
            }
        }

        for (var i = 0; i < _features.Length; i++)
        {
            ref readonly var feature = ref _features[i];
            var value = i < _decaysEnd ? factors[feature.HalfLife] * feature.A
                : i < _quotientsEnd ? Quotient(in feature, in _quotients[feature.Planned], factors[feature.HalfLife])
                : (elapsed + Vector512.Create(feature.A)) * (1 / FeatureEvaluation.DayMilliseconds);
            values[i] = feature.Transform switch
            {
                Transform.Log1p => Vector512.Log(Vector512.MaxNative(value, Vector512<double>.Zero) + Vector512<double>.One),
                Transform.Sqrt => Vector512.Sqrt(value),
                _ => value,
            };
        }
    }

    private static Vector256<float> Quotient(in MovingFeature feature, in PlannedFeature planned, Vector256<float> factor) =>
        Vector256.MultiplyAddEstimate(factor, Vector256.Create((float)feature.A), Vector256.Create((float)planned.Prior))
        / Vector256.MultiplyAddEstimate(factor, Vector256.Create((float)feature.B), Vector256.Create((float)planned.PriorWeight));

    private static Vector512<double> Quotient(in MovingFeature feature, in PlannedFeature planned, Vector512<double> factor) =>
        ((factor * feature.A) + Vector512.Create(planned.Prior)) / ((factor * feature.B) + Vector512.Create(planned.PriorWeight));

    private static void AddDecays(PlannedFeature[] plans, ReadOnlySpan<double> cells, ref Lists lists)
    {
        foreach (ref readonly var plan in plans.AsSpan())
        {
            var a = cells[plan.CellA];
            lists.IsFit &= Math.Abs(a) < SumMax;
            lists.Add(plan.Index, !a.Equals(0.0), new MovingFeature(plan.Transform, plan.HalfLife, 0, a, 0), 1, plan.AtRest);
        }
    }

    private static void AddQuotients(PlannedFeature[] plans, ReadOnlySpan<double> cells, ref Lists lists)
    {
        for (var i = 0; i < plans.Length; i++)
        {
            ref readonly var plan = ref plans[i];
            var (a, b) = (cells[plan.CellA], cells[plan.CellB]);
            var moves = !a.Equals(0.0) | !b.Equals(0.0);
            if (plan.NeedsDenominator && b <= 0)
            {
                moves = false;
            }
            else if (!(a >= 0 && a < SumMax && b >= 0 && b < SumMax && plan.Prior >= 0))
            {
                lists.IsFit &= IsTame(in plan, a, b);
            }

            lists.Add(plan.Index, moves, new MovingFeature(plan.Transform, plan.HalfLife, (byte)i, a, b), 1, plan.AtRest);
        }
    }

    /// <summary>True when the rounding error of a quotient stays small although parts are negative: they are at most 1.</summary>
    private static bool IsTame(in PlannedFeature plan, double a, double b) =>
        plan.Transform == Transform.None && Math.Abs(a) <= b && b < SumMax && Math.Abs(plan.Prior) <= plan.PriorWeight;

    private static void AddOthers((byte Index, CompiledFeature Feature)[] others, ReadOnlySpan<double> cells, double reference, ref Lists lists)
    {
        foreach (ref readonly var other in others.AsSpan())
        {
            ref readonly var feature = ref other.Feature;
            var isAge = feature.Aggregation is Aggregation.TimeSince or Aggregation.TimeSinceFirst;
            var since = isAge ? cells[feature.CellA] : 0;
            var resting = 0.0;
            if (since <= 0)
            {
                resting = FeatureEvaluation.Resting(in feature, cells);
                since = feature.Missing == MissingRule.AccountAge && FeatureEvaluation.IsMissing(in feature, cells) ? cells[StateLayout.FirstEventCell] : 0;
            }

            var moves = since > 0;
            lists.IsFit &= !moves | since <= reference;
            lists.Add(other.Index, moves, new MovingFeature(feature.Transform, 0, 0, reference - since, 0), 0, resting);
        }
    }

    /// <summary>
    /// Two lists in one buffer, one from either end. Each entry is written to both and counted in one, because a branch would be
    /// mispredicted.
    /// </summary>
    private ref struct Lists(Span<MovingFeature> features, Span<byte> indices, Span<double> resting)
    {
        private readonly Span<MovingFeature> _features = features;
        private readonly Span<byte> _indices = indices;
        private readonly Span<double> _resting = resting;
        private int _last = indices.Length - 1;

        public int Moving { get; private set; }

        public uint HalfLivesUsed { get; private set; }

        public bool IsFit { get; set; }

        /// <param name="halfLives">1 if the half-life is used, else 0.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(byte index, bool moves, in MovingFeature feature, uint halfLives, double atRest)
        {
            var one = moves ? 1 : 0;
            _features[Moving] = feature;
            _indices[Moving] = index;
            _indices[_last] = index;
            _resting[index] = atRest;
            HalfLivesUsed |= (halfLives & (uint)one) << feature.HalfLife;
            Moving += one;
            _last -= 1 - one;
        }
    }
}

/// <summary>One feature of one customer in the form needed by the formulas of <see cref="MotionPlan"/>.</summary>
/// <param name="Planned">For a quotient, its index among the quotients.</param>
/// <param name="A">The sum, the numerator, or the milliseconds that had passed at the newest event.</param>
/// <param name="B">The denominator.</param>
internal readonly record struct MovingFeature(Transform Transform, byte HalfLife, byte Planned, double A, double B);
