using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// Finds the next whole minute at which the passing of time alone puts a customer into another segment. Until the next full hour (UTC) the
/// reference of hysteresis is the settled segment; from then on it is the segment that is effective at that hour. The search looks
/// at the hour, then 1, 2, 4, ... hours after it, up to the horizon, and bisects the first interval that ends elsewhere: an
/// excursion that begins and ends between two looks is not seen, as the caller looks again at each event and crossing.
/// </summary>
public static class CrossingTime
{
    public const long MinuteMilliseconds = 60_000;
    public const long HourMilliseconds = 60 * MinuteMilliseconds;
    public const long HorizonMilliseconds = 90 * 24 * HourMilliseconds;

    /// <summary>The plain search: one moment at a time.</summary>
    /// <param name="currentSegment">The segment that is effective now.</param>
    /// <param name="settledSegment">The reference of hysteresis until the next full hour.</param>
    /// <returns>Unix milliseconds of a whole minute later than now, or null if nothing changes within 90 days of the next hour.</returns>
    public static long? Next<TDecision>(
        FeatureEngine engine, ReadOnlySpan<byte> state, long nowMilliseconds, int currentSegment, int settledSegment, TDecision decision)
        where TDecision : struct, ISegmentDecision
    {
        Span<double> cells = stackalloc double[engine.CellCount];
        Span<double> values = stackalloc double[engine.FeatureCount];
        engine.Expand(state, cells);
        var search = new PlainSearch<TDecision>(engine, cells, values, decision);
        var boundary = NextHour(nowMilliseconds);
        var effective = search.At(boundary, settledSegment);
        if (effective != currentSegment)
        {
            return search.Bisect(nowMilliseconds, boundary, currentSegment, settledSegment);
        }

        var from = boundary;
        for (var step = HourMilliseconds; from < boundary + HorizonMilliseconds; step *= 2)
        {
            var to = Math.Min(boundary + step, boundary + HorizonMilliseconds);
            if (search.At(to, effective) != effective)
            {
                return search.Bisect(from, to, effective, effective);
            }

            from = to;
        }

        return null;
    }

    /// <summary>The first full hour after a moment.</summary>
    internal static long NextHour(long milliseconds) => (Math.DivRem(milliseconds, HourMilliseconds).Quotient + 1) * HourMilliseconds;

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
    }
}
