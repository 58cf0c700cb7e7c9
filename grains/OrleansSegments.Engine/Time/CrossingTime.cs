using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// Finds the next whole minute at which the passing of time alone puts a customer into another segment. Until the next full hour (UTC) the
/// reference of hysteresis is the settled segment; from then on it is the segment that is effective at that hour. The search looks
/// at the hour, then 1, 2, 4, ... hours after it, up to the horizon, and narrows the first interval that ends elsewhere: an
/// excursion that begins and ends between two looks is not seen.
/// </summary>
public static class CrossingTime
{
    public const long MinuteMilliseconds = 60_000;
    public const long HourMilliseconds = 60 * MinuteMilliseconds;
    public const long HorizonMilliseconds = 90 * 24 * HourMilliseconds;

    /// <summary>The search with eight moments at once; what it finds is confirmed by plain evaluation.</summary>
    /// <param name="currentSegment">The segment that is effective now.</param>
    /// <param name="settledSegment">The reference of hysteresis until the next full hour.</param>
    /// <returns>Unix milliseconds of a whole minute later than now, or null if nothing changes within 90 days of the next hour.</returns>
    [SkipLocalsInit]
    public static long? Next<TDecision>(
        FeatureEngine engine, ReadOnlySpan<byte> state, long nowMilliseconds, int currentSegment, int settledSegment, TDecision decision)
        where TDecision : struct, ISegmentDecision
    {
        Span<double> cells = stackalloc double[engine.CellCount];
        Span<double> scratch = stackalloc double[(TimePoints.Lanes + 1) * engine.FeatureCount];
        Span<byte> moving = stackalloc byte[engine.FeatureCount];
        engine.Expand(state, cells);
        var points = new TimePoints(engine, cells, scratch, moving);
        var boundary = NextHour(nowMilliseconds);
        var (from, to, reference) = Bracket(points, nowMilliseconds, boundary, currentSegment, settledSegment, decision);
        if (to < 0)
        {
            return null;
        }

        var (low, high) = (Math.DivRem(from, MinuteMilliseconds).Quotient, to / MinuteMilliseconds);
        while (high - low > 1)
        {
            (low, high) = Narrow(points, low, high, currentSegment, reference, decision);
        }

        var plain = new PlainSearch<TDecision>(engine, cells, scratch[..engine.FeatureCount], decision);
        return plain.Confirm(high, from, to, currentSegment, reference);
    }

    /// <summary>The plain search, one moment at a time; the fast one must agree with it.</summary>
    public static long? NextPlain<TDecision>(
        FeatureEngine engine, ReadOnlySpan<byte> state, long nowMilliseconds, int currentSegment, int settledSegment, TDecision decision)
        where TDecision : struct, ISegmentDecision
    {
        Span<double> cells = stackalloc double[engine.CellCount];
        Span<double> values = stackalloc double[engine.FeatureCount];
        engine.Expand(state, cells);
        var search = new PlainSearch<TDecision>(engine, cells, values, decision);
        var boundary = NextHour(nowMilliseconds);
        if (search.At(boundary, settledSegment) != currentSegment)
        {
            return search.Bisect(nowMilliseconds, boundary, currentSegment, settledSegment);
        }

        var from = boundary;
        for (var step = HourMilliseconds; from < boundary + HorizonMilliseconds; step *= 2)
        {
            var to = boundary + Math.Min(step, HorizonMilliseconds);
            if (search.At(to, currentSegment) != currentSegment)
            {
                return search.Bisect(from, to, currentSegment, currentSegment);
            }

            from = to;
        }

        return null;
    }

    /// <summary>The first full hour after a moment.</summary>
    public static long NextHour(long milliseconds) => (Math.DivRem(milliseconds, HourMilliseconds).Quotient + 1) * HourMilliseconds;

    /// <summary>The first interval (from, to] that ends in another segment, and its reference; to is -1 if there is none.</summary>
    private static (long From, long To, int Reference) Bracket<TDecision>(
        TimePoints points, long now, long boundary, int current, int settled, TDecision decision)
        where TDecision : struct, ISegmentDecision
    {
        var from = now;
        var reference = settled;
        var offset = 0L;
        Span<double> times = stackalloc double[TimePoints.Lanes];
        while (true)
        {
            for (var (lane, next) = (0, offset); lane < TimePoints.Lanes; lane++, next = After(next))
            {
                times[lane] = boundary + next;
            }

            points.Evaluate(Vector512.Create<double>(times));
            for (var lane = 0; lane < TimePoints.Lanes; lane++, offset = After(offset))
            {
                if (decision.Decide(points.Row(lane), reference) != current)
                {
                    return (from, boundary + offset, reference);
                }

                if (offset == HorizonMilliseconds)
                {
                    return (from, -1, reference);
                }

                (from, reference) = (boundary + offset, current);
            }
        }
    }

    /// <summary>0, 1 h, 2 h, 4 h and so on, ending with the horizon.</summary>
    private static long After(long offset) => offset == 0 ? HourMilliseconds : Math.Min(offset * 2, HorizonMilliseconds);

    /// <summary>Cuts the minutes (low, high] into nine parts and keeps the one in which the segment is left, by bisection of the cuts.</summary>
    private static (long Low, long High) Narrow<TDecision>(TimePoints points, long low, long high, int segment, int reference, TDecision decision)
        where TDecision : struct, ISegmentDecision
    {
        Span<double> times = stackalloc double[TimePoints.Lanes];
        for (var lane = 0; lane < TimePoints.Lanes; lane++)
        {
            times[lane] = Cut(low, high, lane) * MinuteMilliseconds;
        }

        points.Evaluate(Vector512.Create<double>(times));
        var (inside, outside) = (-1, TimePoints.Lanes);
        while (outside - inside > 1)
        {
            var middle = (inside + outside) / 2;
            (inside, outside) = decision.Decide(points.Row(middle), reference) == segment ? (middle, outside) : (inside, middle);
        }

        return (inside < 0 ? low : Cut(low, high, inside), outside == TimePoints.Lanes ? high : Cut(low, high, outside));
    }

    /// <summary>Strictly between low and high where there is room, else low.</summary>
    private static long Cut(long low, long high, int lane) => low + (high - low) * (lane + 1) / (TimePoints.Lanes + 1);

    private readonly ref struct PlainSearch<TDecision>(FeatureEngine engine, Span<double> cells, Span<double> values, TDecision decision)
        where TDecision : struct, ISegmentDecision
    {
        private readonly Span<double> _cells = cells;
        private readonly Span<double> _values = values;

        public int At(long milliseconds, int reference)
        {
            engine.EvaluateCells(_cells, milliseconds, _values);
            FeatureEvaluation.Transform(engine.Catalogue.Compiled, _values);
            return decision.Decide(_values, reference);
        }

        /// <summary>The first whole minute after <paramref name="from"/> that is not in <paramref name="segment"/>, given that
        /// <paramref name="to"/>, a whole minute, is not.</summary>
        public long Bisect(long from, long to, int segment, int reference)
        {
            var low = Math.DivRem(from, MinuteMilliseconds).Quotient;
            var high = to / MinuteMilliseconds;
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                (low, high) = At(middle * MinuteMilliseconds, reference) == segment ? (middle, high) : (low, middle);
            }

            return high * MinuteMilliseconds;
        }

        /// <summary>Takes a minute that another arithmetic found if the plain one finds the same, else searches again.</summary>
        public long Confirm(long minute, long from, long to, int segment, int reference)
        {
            var at = minute * MinuteMilliseconds;
            var before = at - MinuteMilliseconds;
            var confirmed = At(at, reference) != segment && (before <= from || At(before, reference) == segment);
            return confirmed ? at : Bisect(from, to, segment, reference);
        }
    }
}
