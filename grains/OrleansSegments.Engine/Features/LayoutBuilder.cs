namespace OrleansSegments.Engine.Features;

/// <summary>Breaks features into accumulators, shares equal ones, and compiles the features against the finished layout.</summary>
internal sealed class LayoutBuilder
{
    private readonly Dictionary<string, Accumulator> _accumulators = new(StringComparer.Ordinal);
    private readonly List<Parts> _parts = [];

    public static (StateLayout Layout, CompiledFeature[] Features) Build(IReadOnlyList<FeatureDefinition> features)
    {
        var builder = new LayoutBuilder();
        foreach (var feature in features)
        {
            builder._parts.Add(builder.Break(feature));
        }

        var layout = new StateLayout(builder._accumulators.Values);
        return (layout, [.. features.Zip(builder._parts, (feature, parts) => Compile(feature, parts, layout))]);
    }

    private Parts Break(FeatureDefinition feature)
    {
        var source = feature.Source;
        var life = feature.HalfLifeMilliseconds;
        switch (feature.Aggregation)
        {
            case Aggregation.DecayedCount:
                return new(Sum(Emission.One, life, source));
            case Aggregation.DecayedSum:
                return new(Sum(Emission.Value, life, source));
            case Aggregation.DecayedMean:
                return new(Sum(Emission.Value, life, source), Sum(Emission.ValuePresent, life, source));
            case Aggregation.Ratio:
                return new(CountOrSum(life, source), CountOrSum(life, feature.Denominator!));
            case Aggregation.Distinct:
                return new(Share(CellOp.Or, Emission.Bits, double.PositiveInfinity, source, null));
            case Aggregation.Last:
                return new(Share(CellOp.Last, Emission.Value, double.PositiveInfinity, source, null));
            case Aggregation.First:
                return new(Share(CellOp.First, Emission.Value, double.PositiveInfinity, source, null));
            case Aggregation.TimeSince:
                return new(source.IsEverything ? null : Time(CellOp.Newest, source), HeaderCell: StateLayout.LastEventCell);
            case Aggregation.TimeSinceFirst:
                return new(source.IsEverything ? null : Time(CellOp.Oldest, source), HeaderCell: StateLayout.FirstEventCell);
            case Aggregation.Share:
                var all = feature.Match!.Condition is { } condition
                    ? Share(CellOp.Sum, Emission.Matchable, life, Bare(source), new ShareMatch(-1, 0, 0, condition with { AnyOf = [] }))
                    : Sum(Emission.One, life, source);
                return new(Share(CellOp.Sum, Emission.Matching, life, Bare(source), feature.Match), all);
            case Aggregation.HourCos:
                return new(Sum(Emission.Cosine, life, source), Sum(Emission.One, life, source));
            case Aggregation.HourSin:
                return new(Sum(Emission.Sine, life, source), Sum(Emission.One, life, source));
            default:
                return new(Time(CellOp.Oldest, source), Time(CellOp.Newest, source), Sum(Emission.One, double.PositiveInfinity, source));
        }
    }

    private Accumulator CountOrSum(double life, EventSource source) =>
        Sum(source.Value.Count > 0 ? Emission.Value : Emission.One, life, source);

    private Accumulator Sum(Emission emission, double life, EventSource source) =>
        Share(CellOp.Sum, emission, life, emission is Emission.Value or Emission.ValuePresent ? source : Bare(source), null);

    private Accumulator Time(CellOp op, EventSource source) =>
        Share(op, Emission.One, double.PositiveInfinity, Bare(source), null);

    private Accumulator Share(CellOp op, Emission emission, double life, EventSource source, ShareMatch? match)
    {
        var accumulator = new Accumulator(op, emission, life, source, match);
        return _accumulators.TryGetValue(accumulator.Key, out var known) ? known : _accumulators[accumulator.Key] = accumulator;
    }

    /// <summary>Without the value, so that a count is shared by all features that count the same events.</summary>
    private static EventSource Bare(EventSource source) => source with { Value = [], Mapping = ValueMapping.Numeric, AllowsNegative = false };

    private static CompiledFeature Compile(FeatureDefinition feature, Parts parts, StateLayout layout)
    {
        var a = parts.A?.Cell ?? parts.HeaderCell;
        var b = parts.B?.Cell ?? 0;
        return new CompiledFeature(
            feature.Aggregation, a, b, parts.C?.Cell ?? 0, layout.HalfLifeOf[a], layout.HalfLifeOf[b],
            feature.PriorWeight, feature.PriorMean, feature.Transform, feature.Missing, feature.MissingValue);
    }

    private sealed record Parts(Accumulator? A, Accumulator? B = null, Accumulator? C = null, int HeaderCell = 0);
}
