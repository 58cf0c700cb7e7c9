using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// Finds the next whole minute at which the passing of time alone puts a customer into another segment. Until the next full hour (UTC) the
/// reference of hysteresis is the settled segment; from then on it is the segment that is effective at that hour. The search looks
/// at the hour, then 1, 2, 4, ... hours after it, up to the horizon, and bisects the first interval that ends elsewhere: an
/// excursion that begins and ends between two looks is not seen.
/// </summary>
public static class CrossingTime
{
    public const long MinuteMilliseconds = 60_000;
    public const long HourMilliseconds = 60 * MinuteMilliseconds;
    public const long HorizonMilliseconds = 90 * 24 * HourMilliseconds;

    /// <summary>The search with eight moments at once. It takes the same steps as the plain one and so finds the same: what its
    /// arithmetic cannot tell for sure it asks the plain one.</summary>
    /// <param name="currentSegment">The segment that is effective now.</param>
    /// <param name="settledSegment">The reference of hysteresis until the next full hour.</param>
    /// <returns>Unix milliseconds of a whole minute later than now, or null if nothing changes within 90 days of the next hour.</returns>
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

    /// <summary>The plain search, one moment at a time; the fast one must agree with it.</summary>
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
