using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>The moments that a search looks at, as offsets from the next full hour, and the margins found there.</summary>
internal struct LookMargins(double reference, long boundary)
{
    /// <summary>0, 1 h, 2 h, 4 h ... 2048 h and the horizon.</summary>
    public const int Count = 14;

    private const int Places = 16;

    private static readonly double[] AllOffsets = MakeOffsets();

    private Margins _margins;

    public static long Offset(int look) => (long)AllOffsets[look];

    /// <summary>The offsets of eight looks; those beyond the last repeat the horizon.</summary>
    public static Vector512<double> Offsets(int first) => Vector512.Create<double>(AllOffsets.AsSpan(first));

    public void Set(int first, Vector256<float> margins) => margins.CopyTo(((Span<float>)_margins)[first..]);

    /// <summary>
    /// In which minute the margin may have become negative before a look where it is. Margins are smooth in the logarithm of time since the newest
    /// event, so the time is interpolated over up to four of them. For the first look it is extrapolated. Only a guess: any number will do.
    /// </summary>
    public readonly double GuessMinute(int look)
    {
        ReadOnlySpan<float> margins = _margins;
        var first = Math.Max(0, look - 2);
        Span<double> x = stackalloc double[4];
        Span<double> y = stackalloc double[4];
        var count = 0;
        for (var i = first; i < Math.Min(Count, (look | 7) + 1) && count < x.Length; i++, count++)
        {
            x[count] = Math.Log(1 + (Math.Max(0, boundary + AllOffsets[i] - reference) / FeatureEvaluation.DayMilliseconds));
            y[count] = margins[i];
        }

        var at = RootGuess.Interpolate(x[..count], y[..count]);
        return (reference + ((Math.Exp(at) - 1) * FeatureEvaluation.DayMilliseconds)) / CrossingTime.MinuteMilliseconds;
    }

    private static double[] MakeOffsets()
    {
        var offsets = new double[Places];
        for (var (look, offset) = (0, 0L); look < Places; look++, offset = CrossingTime.After(offset))
        {
            offsets[look] = offset;
        }

        return offsets;
    }

    [InlineArray(Places)]
    private struct Margins
    {
        private float _first;
    }
}
