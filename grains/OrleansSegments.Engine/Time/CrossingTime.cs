using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// Finds the next whole minute at which time alone moves a customer to another segment. Until the next full hour (UTC) the reference of
/// hysteresis is the settled segment; from then on it is the segment that is effective at that hour. The search evaluates that hour, then
/// 1, 2, 4, ... hours after it, up to the horizon, and bisects the first interval that ends in another segment: a move that is reversed
/// between two evaluated moments is not found.
/// </summary>
public static class CrossingTime
{
    public const long MinuteMilliseconds = 60_000;
    public const long HourMilliseconds = 60 * MinuteMilliseconds;
    public const long HorizonMilliseconds = 90 * 24 * HourMilliseconds;

    /// <summary>
    /// Vectorised search, eight moments at once. It takes the same steps as the plain search and gives the same result: when its arithmetic
    /// is not certain, it asks the plain one.
    /// </summary>
    /// <param name="currentSegment">The segment that is effective now.</param>
    /// <param name="settledSegment">The reference of hysteresis until the next full hour.</param>
    /// <returns>Unix milliseconds of a whole minute after now, or null when nothing changes within 90 days of the next hour.</returns>
    [SkipLocalsInit]
    public static long? Next<TDecision>(
        FeatureEngine engine, ReadOnlySpan<byte> state, long nowMilliseconds, int currentSegment, int settledSegment, TDecision decision)
        where TDecision : struct, ISegmentDecision
    {
        var featureCount = engine.FeatureCount;
        Span<double> cells = stackalloc double[engine.CellCount];
        Span<double> values = stackalloc double[featureCount];
        Span<double> restingValues = stackalloc double[featureCount];
        engine.Expand(state, cells);
        var plain = new PlainSearch<TDecision>(engine, cells, values, decision);
        if (decision.Lanes is not { } lanes || lanes.IndexOf(currentSegment) < 0)
        {
            return plain.Next(nowMilliseconds, currentSegment, settledSegment);
        }

        var moving = new MovingFeatures(engine, cells, stackalloc MovingFeature[featureCount], stackalloc byte[featureCount], restingValues);
        if (!moving.IsFit)
        {
            return plain.Next(nowMilliseconds, currentSegment, settledSegment);
        }

        Span<float> resting = stackalloc float[lanes.Stride + featureCount];
        Span<Vector256<float>> space = stackalloc Vector256<float>[moving.Indices.Length + lanes.Stride];
        var search = new LaneSearch<TDecision>(plain, moving, lanes, resting, space, currentSegment, settledSegment);
        return search.Next(nowMilliseconds);
    }

    /// <summary>The plain search, one moment at a time; the vectorised one must give the same result.</summary>
    public static long? NextPlain<TDecision>(
        FeatureEngine engine, ReadOnlySpan<byte> state, long nowMilliseconds, int currentSegment, int settledSegment, TDecision decision)
        where TDecision : struct, ISegmentDecision
    {
        Span<double> cells = stackalloc double[engine.CellCount];
        Span<double> values = stackalloc double[engine.FeatureCount];
        engine.Expand(state, cells);
        return new PlainSearch<TDecision>(engine, cells, values, decision).Next(nowMilliseconds, currentSegment, settledSegment);
    }

    /// <summary>The first full hour after a moment.</summary>
    public static long NextHour(long milliseconds) => (Math.DivRem(milliseconds, HourMilliseconds).Quotient + 1) * HourMilliseconds;

    /// <summary>0, 1 h, 2 h, 4 h and so on, ending with the horizon.</summary>
    internal static long After(long offset) => offset == 0 ? HourMilliseconds : Math.Min(offset * 2, HorizonMilliseconds);
}

/// <summary>
/// Decides the segment of a feature vector. Implemented by structs, so that the crossing search calls the model without indirection.
/// </summary>
public interface ISegmentDecision
{
    /// <summary>Decides like <see cref="Decide"/>, for many moments at a time; null when only the plain search is available.</summary>
    SegmentLanes? Lanes { get; }

    /// <summary>The effective segment of a vector from <c>FeatureEngine.Evaluate</c>, given a reference segment. Pure.</summary>
    int Decide(ReadOnlySpan<double> values, int referenceSegment);
}

/// <summary>
/// Searches one moment at a time with the same evaluation and decision that place a customer. Reference implementation of <see
/// cref="LaneSearch{TDecision}"/>.
/// </summary>
/// <param name="cells">The customer's cells, expanded.</param>
/// <param name="values">Buffer for one vector.</param>
internal readonly ref struct PlainSearch<TDecision>(FeatureEngine engine, ReadOnlySpan<double> cells, Span<double> values, TDecision decision)
    where TDecision : struct, ISegmentDecision
{
    private readonly ReadOnlySpan<double> _cells = cells;
    private readonly Span<double> _values = values;

    /// <summary>The effective segment at a moment.</summary>
    public int At(long milliseconds, int reference)
    {
        engine.EvaluateCells(_cells, milliseconds, _values);
        return decision.Decide(_values, reference);
    }

    public long? Next(long now, int current, int settled)
    {
        var boundary = CrossingTime.NextHour(now);
        if (At(boundary, settled) != current)
        {
            return Bisect(now, boundary, current, settled);
        }

        var from = boundary;
        for (var offset = CrossingTime.HourMilliseconds; ; offset = CrossingTime.After(offset))
        {
            var to = boundary + offset;
            if (At(to, current) != current)
            {
                return Bisect(from, to, current, current);
            }

            if (offset == CrossingTime.HorizonMilliseconds)
            {
                return null;
            }

            from = to;
        }
    }

    /// <summary>
    /// The first whole minute after <paramref name="from"/> that is not in <paramref name="segment"/>, given that <paramref name="to"/>, a
    /// whole minute, is not.
    /// </summary>
    private long Bisect(long from, long to, int segment, int reference)
    {
        var low = Math.DivRem(from, CrossingTime.MinuteMilliseconds).Quotient;
        var high = to / CrossingTime.MinuteMilliseconds;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = At(middle * CrossingTime.MinuteMilliseconds, reference) == segment ? (middle, high) : (low, middle);
        }

        return high * CrossingTime.MinuteMilliseconds;
    }
}
