using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// The steps of <see cref="PlainSearch{TDecision}"/>, eight at a time. A bisection cannot know its second step before the first is decided; so
/// the margins tell where the crossing may be, all the steps that would lead there are computed, and those that turn out right are taken.
/// What the lanes cannot tell for sure the plain search is asked, so that both take the same steps.
/// </summary>
internal readonly ref struct LaneSearch<TDecision>
    where TDecision : struct, ISegmentDecision
{
    private const int Lanes = SegmentLanes.Width;

    private readonly PlainSearch<TDecision> _plain;
    private readonly MovingFeatures _moving;
    private readonly SegmentLanes _lanes;
    private readonly ReadOnlySpan<float> _resting;
    private readonly Span<Vector256<float>> _values;
    private readonly Span<Vector256<float>> _squared;
    private readonly int _current;
    private readonly int _settled;
    private readonly int _currentIndex;
    private readonly int _settledIndex;

    /// <param name="resting">From <see cref="SegmentLanes.Rest"/>.</param>
    /// <param name="space">A vector per moving feature and then one per centroid.</param>
    public LaneSearch(
        PlainSearch<TDecision> plain, MovingFeatures moving, SegmentLanes lanes, ReadOnlySpan<float> resting, Span<Vector256<float>> space,
        int current, int settled)
    {
        _plain = plain;
        _moving = moving;
        _lanes = lanes;
        _resting = resting;
        _values = space[..moving.Indices.Length];
        _squared = space[moving.Indices.Length..];
        (_current, _settled) = (current, settled);
        (_currentIndex, _settledIndex) = (lanes.IndexOf(current), lanes.IndexOf(settled));
    }

    public long? Next(long now)
    {
        var boundary = CrossingTime.NextHour(now);
        var margins = new LookMargins(_moving.Reference, boundary);
        for (var first = 0; first < LookMargins.Count; first += Lanes)
        {
            ComputeAt(Vector512.Create((double)boundary) + LookMargins.Offsets(first));
            var verdict = _lanes.Judge(_squared, _currentIndex, _currentIndex);
            margins.Set(first, verdict.Margins);
            for (var lane = 0; lane < Lanes && first + lane < LookMargins.Count; lane++)
            {
                var look = first + lane;
                var to = boundary + LookMargins.Offset(look);
                if (look == 0 && _settled != _current)
                {
                    var settled = _lanes.Judge(_squared, _currentIndex, _settledIndex);
                    if (!Stays(settled, 0, to, _settled))
                    {
                        margins.Set(0, settled.Margins);
                        return Narrow(now, to, _settled, _settledIndex, margins.GuessMinute(0));
                    }
                }
                else if (!Stays(verdict, lane, to, _current))
                {
                    var from = look == 0 ? now : boundary + LookMargins.Offset(look - 1);
                    return Narrow(from, to, _current, _currentIndex, margins.GuessMinute(look));
                }
            }
        }

        return null;
    }

    /// <summary>Bisects (from, to] as <see cref="PlainSearch{TDecision}"/> does.</summary>
    [SkipLocalsInit]
    private long Narrow(long from, long to, int reference, int referenceIndex, double guess)
    {
        var low = Math.DivRem(from, CrossingTime.MinuteMilliseconds).Quotient;
        var high = to / CrossingTime.MinuteMilliseconds;
        Span<double> steps = stackalloc double[Lanes];
        while (high - low > 1)
        {
            var count = Plan(low, high, guess, steps);
            ComputeAt(Vector512.Create<double>(steps) * CrossingTime.MinuteMilliseconds);
            var verdict = _lanes.Judge(_squared, _currentIndex, referenceIndex);
            for (var lane = 0; lane < count; lane++)
            {
                var middle = (long)steps[lane];
                var stays = Stays(verdict, lane, middle * CrossingTime.MinuteMilliseconds, reference);
                (low, high) = stays ? (middle, high) : (low, middle);
                if (stays != middle < guess)
                {
                    break;
                }
            }

            guess = RootGuess.Of(steps, verdict.Margins, low, high);
        }

        return high * CrossingTime.MinuteMilliseconds;
    }

    /// <summary>The steps of a bisection that ends at the guess; returns how many, and repeats the last one in the lanes that are left.</summary>
    private static int Plan(long low, long high, double guess, Span<double> steps)
    {
        var count = 0;
        while (count < Lanes && high - low > 1)
        {
            var middle = (low + high) / 2;
            steps[count++] = middle;
            (low, high) = middle < guess ? (middle, high) : (low, middle);
        }

        steps[count..].Fill(steps[count - 1]);
        return count;
    }

    private void ComputeAt(Vector512<double> times)
    {
        _moving.Evaluate(times, _values);
        _lanes.Distances(_moving.Indices, _values, _resting, _squared);
    }

    private bool Stays(in LaneVerdict verdict, int lane, long milliseconds, int reference) =>
        (verdict.Stays >> lane & 1) != 0 || ((verdict.Leaves >> lane & 1) == 0 && _plain.At(milliseconds, reference) == _current);
}
