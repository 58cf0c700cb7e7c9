using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// The steps of <see cref="PlainSearch{TDecision}"/>, eight at a time. A bisection does not know its second step before the first is
/// decided; so the margins are used to guess the crossing, all steps of the bisection towards the guess are computed at once, and those
/// that prove right are taken. Uncertain lanes are decided by the plain search, so that both take the same steps.
/// </summary>
internal readonly ref struct LaneSearch<TDecision>
    where TDecision : struct, ISegmentDecision
{
    private const int Lanes = SegmentLanes.Width;

    private readonly PlainSearch<TDecision> _plain;
    private readonly MovingFeatures _moving;
    private readonly SegmentLanes _lanes;
    private readonly ReadOnlySpan<float> _scaled;
    private readonly ReadOnlySpan<float> _resting;
    private readonly Span<Vector256<float>> _values;
    private readonly Span<Vector256<float>> _squared;
    private readonly int _current;
    private readonly int _settled;
    private readonly int _currentIndex;
    private readonly int _settledIndex;

    /// <param name="resting">Room for one number per feature plus <see cref="SegmentLanes.Stride"/>.</param>
    /// <param name="space">Room for one vector per moving feature plus <see cref="SegmentLanes.Stride"/>.</param>
    public LaneSearch(
        PlainSearch<TDecision> plain, MovingFeatures moving, SegmentLanes lanes, Span<float> resting, Span<Vector256<float>> space, int current, int settled)
    {
        lanes.Rest(moving.RestingValues, moving.Resting, resting[lanes.Stride..], resting);
        _plain = plain;
        _moving = moving;
        _lanes = lanes;
        _scaled = resting[lanes.Stride..];
        _resting = resting;
        _values = space[..moving.Indices.Length];
        _squared = space[moving.Indices.Length..];
        (_current, _settled) = (current, settled);
        (_currentIndex, _settledIndex) = (lanes.IndexOf(current), lanes.IndexOf(settled));
    }

    public long? Next(long now)
    {
        var boundary = CrossingTime.NextHour(now);
        for (var first = 0; first < Looks.Count; first += Lanes)
        {
            var times = Vector512.Create((double)boundary) + Looks.From(first);
            ComputeAt(times);
            var verdict = _lanes.Judge(_squared, _currentIndex, _currentIndex);
            var isSettled = first > 0 || _settled == _current;
            for (var lane = isSettled ? BitOperations.TrailingZeroCount(~verdict.Stays) : 0; lane < Lanes && first + lane < Looks.Count; lane++)
            {
                var look = first + lane;
                var to = boundary + Looks.Offset(look);
                var reference = look == 0 ? _settled : _current;
                var stays = reference == _current
                    ? Stays(verdict, lane, to, reference)
                    : Stays(_lanes.Judge(_squared, _currentIndex, _settledIndex), lane, to, reference);
                if (!stays)
                {
                    return Narrow(look == 0 ? now : boundary + Looks.Offset(look - 1), to, reference, times, lane);
                }
            }
        }

        return null;
    }

    /// <summary>Bisects (from, to] as <see cref="PlainSearch{TDecision}"/> does.</summary>
    /// <param name="looks">The moments computed last.</param>
    /// <param name="lane">The one of them at which the customer has left.</param>
    [SkipLocalsInit]
    private long Narrow(long from, long to, int reference, Vector512<double> looks, int lane)
    {
        var low = Math.DivRem(from, CrossingTime.MinuteMilliseconds).Quotient;
        var high = to / CrossingTime.MinuteMilliseconds;
        var referenceIndex = reference == _current ? _currentIndex : _settledIndex;
        Span<double> minutes = stackalloc double[Lanes];
        (looks / CrossingTime.MinuteMilliseconds).CopyTo(minutes);
        var margins = _lanes.MarginsTo(_squared, _currentIndex, referenceIndex, lane);
        var root = new RootGuess();
        root.Learn(minutes, margins);
        var guess = RootGuess.FromLooks(minutes, margins, lane, _moving.Reference);
        for (var isClose = false; high - low > 1; guess = root.Minute(low, high))
        {
            BisectionPath.Plan(low, high, guess, minutes);
            var times = Vector512.Create<double>(minutes) * CrossingTime.MinuteMilliseconds;
            uint doubtful = 0;
            if (isClose)
            {
                doubtful = ComputeExactlyAt(times);
            }
            else
            {
                ComputeAt(times);
            }

            var verdict = _lanes.Judge(_squared, _currentIndex, referenceIndex);
            root.Learn(minutes, verdict.Margins);
            for (var middle = (low + high) / 2; high - low > 1 && minutes.IndexOf(middle) is >= 0 and var at; middle = (low + high) / 2)
            {
                var isSure = ((verdict.Stays | verdict.Leaves) >> at & 1) != 0;
                if (!isSure && !isClose)
                {
                    // The remaining steps are as uncertain, and by now there is a better guess of the crossing.
                    isClose = true;
                    break;
                }

                var stays = isSure ? (verdict.Stays >> at & 1) != 0
                    : (doubtful >> at & 1) != 0 ? _plain.At(middle * CrossingTime.MinuteMilliseconds, reference) == _current
                    : _lanes.Exact.Decide(_squared, at, referenceIndex) == _currentIndex;
                (low, high) = stays ? (middle, high) : (low, middle);
            }
        }

        return high * CrossingTime.MinuteMilliseconds;
    }

    private void ComputeAt(Vector512<double> times)
    {
        _moving.Evaluate(times, _values);
        _lanes.Distances(_moving.Indices, _values, _resting, _squared);
    }

    [SkipLocalsInit]
    private uint ComputeExactlyAt(Vector512<double> times)
    {
        Span<Vector512<double>> values = stackalloc Vector512<double>[_values.Length];
        _moving.Evaluate(times, values);
        return _lanes.Exact.Distances(_scaled, _moving.Indices, values, _squared);
    }

    private bool Stays(in LaneVerdict verdict, int lane, long milliseconds, int reference) =>
        (verdict.Stays >> lane & 1) != 0 || ((verdict.Leaves >> lane & 1) == 0 && _plain.At(milliseconds, reference) == _current);
}

/// <summary>Chooses the minutes that are computed together.</summary>
internal static class BisectionPath
{
    /// <summary>
    /// Fills the buffer with the steps of a bisection of (low, high) that ends at the guess, then, if room is left, with the minutes around
    /// the guess, which are needed when it is slightly wrong.
    /// </summary>
    public static void Plan(long low, long high, double guess, Span<double> minutes)
    {
        var (first, last) = (low + 1, high - 1);
        var count = 0;
        while (count < minutes.Length && high - low > 1)
        {
            var middle = (low + high) / 2;
            minutes[count++] = middle;
            (low, high) = middle < guess ? (middle, high) : (low, middle);
        }

        for (var distance = 1; count < minutes.Length; distance++)
        {
            minutes[count++] = Math.Max(first, high - distance);
            if (count < minutes.Length)
            {
                minutes[count++] = Math.Min(last, low + distance);
            }
        }
    }
}

/// <summary>The moments evaluated by a search, as offsets from the next full hour: 0, 1 h, 2 h, 4 h ... 2048 h and the horizon.</summary>
internal static class Looks
{
    public const int Count = 14;

    private const int Places = 16;

    private static readonly double[] Offsets = MakeOffsets();

    public static long Offset(int look) => (long)Offsets[look];

    /// <summary>Eight moments starting at one; after the last follow moments beyond the horizon, which only help the guess.</summary>
    public static Vector512<double> From(int look) => Vector512.Create<double>(Offsets.AsSpan(look));

    private static double[] MakeOffsets()
    {
        var offsets = new double[Places];
        for (var (look, offset) = (0, 0L); look < Places; look++)
        {
            offsets[look] = offset;
            offset = look < Count - 1 ? CrossingTime.After(offset) : offset * 2;
        }

        return offsets;
    }
}
