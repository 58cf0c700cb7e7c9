using System.IO.Hashing;
using System.Text;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Which cell of a customer's state holds what. Cells 0 to 2 are the first event's time, the last event's time (also the reference time of
/// all decay) and the number of events; the sums come last, grouped by half-life.
/// </summary>
internal sealed class StateLayout
{
    public const int FirstEventCell = 0;
    public const int LastEventCell = 1;
    public const int EventCountCell = 2;
    public const int HeaderCells = 3;
    public const int CellsMax = 512;

    /// <summary>Increment it when the meaning of a cell changes without a change of the catalogue.</summary>
    private const int MeaningVersion = 1;

    public StateLayout(IReadOnlyCollection<Accumulator> accumulators)
    {
        Accumulators = [.. accumulators.OrderBy(x => x.Op == CellOp.Sum ? x.HalfLifeMilliseconds : 0)];
        HalfLives = [.. Accumulators.Where(x => x.Op == CellOp.Sum).Select(x => x.HalfLifeMilliseconds).Distinct()];
        CellCount = HeaderCells + Accumulators.Sum(x => x.CellCount);
        Ops = new CellOp[CellCount];
        HalfLifeOf = new byte[CellCount];
        SumStarts = new int[HalfLives.Length + 1];
        (Ops[FirstEventCell], Ops[LastEventCell], Ops[EventCountCell]) = (CellOp.Oldest, CellOp.Newest, CellOp.Sum);
        Assign();
        MaskBytes = (CellCount + 7) / 8;
        Hash = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{MeaningVersion}\n{string.Join('\n', Accumulators.Select(x => x.Key))}"));
    }

    public IReadOnlyList<Accumulator> Accumulators { get; }

    public int CellCount { get; }

    public int MaskBytes { get; }

    public CellOp[] Ops { get; }

    /// <summary>The distinct half-lives of sums in milliseconds; the index is the factor index.</summary>
    public double[] HalfLives { get; }

    /// <summary>Factor index of each sum cell.</summary>
    public byte[] HalfLifeOf { get; }

    /// <summary>The sums of half-life h are the cells from SumStarts[h] to SumStarts[h + 1].</summary>
    public int[] SumStarts { get; }

    /// <summary>States and facts can be read under this layout if and only if they carry this hash.</summary>
    public ulong Hash { get; }

    private void Assign()
    {
        var cell = HeaderCells;
        var half = -1;
        foreach (var accumulator in Accumulators)
        {
            if (accumulator.Op == CellOp.Sum && (half < 0 || !HalfLives[half].Equals(accumulator.HalfLifeMilliseconds)))
            {
                SumStarts[++half] = cell;
            }

            accumulator.Cell = cell;
            for (var i = 0; i < accumulator.CellCount && cell + i < Ops.Length; i++)
            {
                Ops[cell + i] = i > 0 && accumulator.Op != CellOp.Or ? CellOp.TimeOfPrevious : accumulator.Op;
                HalfLifeOf[cell + i] = (byte)Math.Max(0, half);
            }

            cell += accumulator.CellCount;
        }

        SumStarts[HalfLives.Length] = cell;
    }
}

/// <summary>Splits features into accumulators, shares equal ones, and compiles the features against the finished layout.</summary>
internal sealed class LayoutBuilder
{
    private readonly Dictionary<string, Accumulator> _accumulators = new(StringComparer.Ordinal);
    private readonly List<Parts> _parts = [];
    private long _since;

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

    /// <summary>The keys of the accumulators that a feature needs.</summary>
    public static IReadOnlyCollection<string> KeysOf(FeatureDefinition feature)
    {
        var builder = new LayoutBuilder();
        builder.Break(feature);
        return builder._accumulators.Keys;
    }

    private Parts Break(FeatureDefinition feature)
    {
        _since = feature.SinceMilliseconds;
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
        var accumulator = new Accumulator(op, emission, life, source, match, _since);
        return _accumulators.TryGetValue(accumulator.Key, out var known) ? known : _accumulators[accumulator.Key] = accumulator;
    }

    /// <summary>The source without its value, so that features counting the same events share one count.</summary>
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
