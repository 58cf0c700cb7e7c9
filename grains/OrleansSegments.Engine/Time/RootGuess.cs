using System.Runtime.Intrinsics;

namespace OrleansSegments.Engine.Time;

/// <summary>Guesses where a margin that falls becomes zero. A wrong guess costs time, nothing else.</summary>
internal static class RootGuess
{
    /// <summary>Guesses from the margins of one round of steps; the middle if they say nothing.</summary>
    public static double Of(ReadOnlySpan<double> steps, Vector256<float> margins, long low, long high)
    {
        // The smallest margins on either side, and the smallest of the others.
        var (staysAt, stays) = (double.NaN, double.PositiveInfinity);
        var (leavesAt, leaves) = (double.NaN, double.NegativeInfinity);
        for (var i = 0; i < steps.Length; i++)
        {
            var margin = (double)margins[i];
            if (margin > 0 && margin < stays)
            {
                (staysAt, stays) = (steps[i], margin);
            }
            else if (margin <= 0 && margin > leaves)
            {
                (leavesAt, leaves) = (steps[i], margin);
            }
        }

        var guess = staysAt + ((leavesAt - staysAt) * stays / (stays - leaves));
        return guess > low && guess < high ? guess : (low + high) / 2;
    }

    /// <summary>Where a curve through the points is zero, by Neville's scheme with the roles of x and y exchanged; NaN if two margins are equal.</summary>
    public static double Interpolate(Span<double> x, ReadOnlySpan<double> y)
    {
        for (var order = 1; order < x.Length; order++)
        {
            for (var i = 0; i + order < x.Length; i++)
            {
                x[i] = ((x[i + 1] * y[i]) - (x[i] * y[i + order])) / (y[i] - y[i + order]);
            }
        }

        return x[0];
    }
}
