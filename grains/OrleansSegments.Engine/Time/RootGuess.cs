using System.Runtime.Intrinsics;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>
/// Guesses the minute in which a falling margin reaches zero, and improves with every known margin. A wrong guess only costs time.
/// </summary>
internal struct RootGuess
{
    private (double At, double Margin) _before = (double.NaN, double.PositiveInfinity);
    private (double At, double Margin) _after = (double.NaN, double.NegativeInfinity);
    private (double At, double Margin) _third = (double.NaN, double.NaN);

    public RootGuess()
    {
    }

    /// <summary>Adds the margins at some minutes. Keeps the smallest on either side, and the one replaced last.</summary>
    public void Learn(ReadOnlySpan<double> minutes, Vector256<float> margins)
    {
        for (var i = 0; i < minutes.Length; i++)
        {
            var margin = (double)margins[i];
            if (margin > 0 && margin < _before.Margin)
            {
                (_third, _before) = (_before, (minutes[i], margin));
            }
            else if (margin <= 0 && margin > _after.Margin)
            {
                (_third, _after) = (_after, (minutes[i], margin));
            }
        }
    }

    /// <summary>A minute between low and high: from the curve through three points, the line through two, or the middle.</summary>
    public readonly double Minute(long low, long high)
    {
        var curve = Curve();
        if (curve > low && curve < high)
        {
            return curve;
        }

        var line = _before.At + ((_after.At - _before.At) * _before.Margin / (_before.Margin - _after.Margin));
        return line > low && line < high ? line : (low + high) / 2;
    }

    /// <summary>
    /// The first guess, from moments that are hours apart: margins are smooth in the logarithm of the time since the newest event, so the
    /// curve is fitted through up to four of them on that scale.
    /// </summary>
    /// <param name="reference">Time of the newest event, Unix milliseconds.</param>
    public static double FromLooks(ReadOnlySpan<double> minutes, Vector256<float> margins, int look, double reference)
    {
        const double MinutesPerDay = FeatureEvaluation.DayMilliseconds / CrossingTime.MinuteMilliseconds;
        var origin = reference / CrossingTime.MinuteMilliseconds;
        var first = Math.Clamp(look - 2, 0, minutes.Length - 4);
        Span<double> x = stackalloc double[4];
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = Math.Log(1 + (Math.Max(0, minutes[first + i] - origin) / MinutesPerDay));
        }

        // Neville's scheme with x and y exchanged (inverse interpolation).
        for (var order = 1; order < x.Length; order++)
        {
            for (var i = 0; i + order < x.Length; i++)
            {
                double y = margins[first + i], yNext = margins[first + i + order];
                x[i] = ((x[i + 1] * y) - (x[i] * yNext)) / (y - yNext);
            }
        }

        return origin + ((Math.Exp(x[0]) - 1) * MinutesPerDay);
    }

    private readonly double Curve()
    {
        var (a, b, c) = (_before.Margin, _after.Margin, _third.Margin);
        return (_before.At * b * c / ((a - b) * (a - c))) + (_after.At * a * c / ((b - a) * (b - c))) + (_third.At * a * b / ((c - a) * (c - b)));
    }
}
