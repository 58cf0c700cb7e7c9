using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>Feature vectors of one customer at eight moments at once: each lane is a moment, and only the features that move with time
/// are computed again. Agrees with the plain evaluation up to the last bits of exp and log. Holds no memory of its own.</summary>
internal readonly ref struct TimePoints
{
    public const int Lanes = 8;

    private readonly CompiledFeature[] _features;
    private readonly double[] _halfLives;
    private readonly ReadOnlySpan<double> _cells;
    private readonly Span<double> _rows;
    private readonly ReadOnlySpan<byte> _moving;

    /// <param name="rows">Space for <see cref="Lanes"/> vectors.</param>
    /// <param name="moving">Space for one byte per feature.</param>
    public TimePoints(FeatureEngine engine, ReadOnlySpan<double> cells, Span<double> rows, Span<byte> moving)
    {
        _features = engine.Catalogue.Compiled;
        _halfLives = engine.Catalogue.Layout.HalfLives;
        _cells = cells;
        _rows = rows[..(Lanes * _features.Length)];
        var count = 0;
        for (var i = 0; i < _features.Length; i++)
        {
            if (Moves(in _features[i], cells))
            {
                moving[count++] = (byte)i;
            }
        }

        _moving = moving[..count];
        var first = _rows[.._features.Length];
        engine.EvaluateCells(cells, (long)cells[StateLayout.LastEventCell], first);
        FeatureEvaluation.Transform(_features, first);
        for (var lane = 1; lane < Lanes; lane++)
        {
            first.CopyTo(_rows[(lane * _features.Length)..]);
        }
    }

    public ReadOnlySpan<double> Row(int lane) => _rows.Slice(lane * _features.Length, _features.Length);

    /// <summary>Computes all rows, for times in Unix milliseconds.</summary>
    public void Evaluate(Vector512<double> times)
    {
        var reference = Vector512.Create(_cells[StateLayout.LastEventCell]);
        var at = Vector512.Max(times, reference);
        var elapsed = (at - reference) * -Math.Log(2);
        Span<Vector512<double>> factors = stackalloc Vector512<double>[_halfLives.Length + 1];
        for (var half = 0; half < _halfLives.Length; half++)
        {
            factors[half] = Vector512.Exp(elapsed / _halfLives[half]);
        }

        foreach (var i in _moving)
        {
            ref readonly var feature = ref _features[i];
            var value = Transformed(feature.Transform, Natural(in feature, factors, at));
            for (var lane = 0; lane < Lanes; lane++)
            {
                _rows[lane * _features.Length + i] = value.GetElement(lane);
            }
        }
    }

    private Vector512<double> Natural(in CompiledFeature feature, ReadOnlySpan<Vector512<double>> factors, Vector512<double> at)
    {
        var a = _cells[feature.CellA];
        switch (feature.Aggregation)
        {
            case Aggregation.DecayedCount:
            case Aggregation.DecayedSum:
                return factors[feature.FactorA] * a;
            case Aggregation.TimeSince when a > 0:
            case Aggregation.TimeSinceFirst when a > 0:
                return Days(at, a);
            case Aggregation.DecayedMean or Aggregation.Ratio or Aggregation.Share or Aggregation.HourCos or Aggregation.HourSin
                when feature.PriorWeight > 0:
                var prior = Vector512.Create(feature.PriorWeight);
                return (factors[feature.FactorA] * a + prior * feature.PriorMean) / (factors[feature.FactorB] * _cells[feature.CellB] + prior);
            default:
                return Days(at, _cells[StateLayout.FirstEventCell]);
        }
    }

    private static Vector512<double> Days(Vector512<double> at, double since) =>
        Vector512.Max(at - Vector512.Create(since), Vector512<double>.Zero) / FeatureEvaluation.DayMilliseconds;

    private static Vector512<double> Transformed(Transform transform, Vector512<double> x)
    {
        switch (transform)
        {
            case Features.Transform.Log1p:
                x = Vector512.Max(x, Vector512<double>.Zero);
                var u = x + Vector512<double>.One;
                return Vector512.ConditionalSelect(Vector512.Equals(u, Vector512<double>.One), x, Vector512.Log(u) * (x / (u - Vector512<double>.One)));
            case Features.Transform.Sqrt:
                return Vector512.Sqrt(x);
            default:
                return x;
        }
    }

    private static bool Moves(in CompiledFeature feature, ReadOnlySpan<double> cells)
    {
        var a = cells[feature.CellA];
        var accountAges = feature.Missing == MissingRule.AccountAge && cells[StateLayout.FirstEventCell] > 0;
        switch (feature.Aggregation)
        {
            case Aggregation.DecayedCount:
            case Aggregation.DecayedSum:
                return !a.Equals(0.0);
            case Aggregation.TimeSince:
            case Aggregation.TimeSinceFirst:
                return a > 0 || accountAges;
            case Aggregation.Distinct:
                return false;
            case Aggregation.Last:
            case Aggregation.First:
                return accountAges && cells[feature.CellA + 1] <= 0;
            case Aggregation.IntervalMean:
                return accountAges && cells[feature.CellC] < 2;
            default:
                var b = cells[feature.CellB];
                return feature.PriorWeight > 0 ? !a.Equals(0.0) || b > 0 : accountAges && b <= 0;
        }
    }
}
