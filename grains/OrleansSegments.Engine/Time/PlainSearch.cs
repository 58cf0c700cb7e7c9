using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>Asks for one moment at a time, by the evaluation and the decision that place a customer. The oracle of <see cref="LaneSearch{TDecision}"/>,
/// which follows its steps.</summary>
/// <param name="cells">The customer's cells, expanded.</param>
/// <param name="values">Space for one vector.</param>
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

    /// <summary>The first whole minute after <paramref name="from"/> that is not in <paramref name="segment"/>, given that
    /// <paramref name="to"/>, a whole minute, is not.</summary>
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
