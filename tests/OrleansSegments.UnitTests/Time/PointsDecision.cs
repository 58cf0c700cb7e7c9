using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Time;

namespace OrleansSegments.UnitTests.Time;

/// <summary>Nearest of a few points with a margin of hysteresis; unknown values lie at zero.</summary>
internal readonly struct PointsDecision(double[][] points, double margin = 0.15) : ISegmentDecision
{
    public SegmentLanes? Lanes => null;

    public int Decide(ReadOnlySpan<double> values, int referenceSegment)
    {
        var nearest = 0;
        for (var k = 1; k < points.Length; k++)
        {
            nearest = Distance(values, k) < Distance(values, nearest) ? k : nearest;
        }

        var stays = referenceSegment >= 0 && Distance(values, nearest) >= (1 - margin) * Distance(values, referenceSegment);
        return stays ? referenceSegment : nearest;
    }

    private double Distance(ReadOnlySpan<double> values, int k)
    {
        var sum = 0.0;
        for (var d = 0; d < values.Length; d++)
        {
            var difference = (double.IsNaN(values[d]) ? 0 : values[d]) - (double.IsNaN(points[k][d]) ? 0 : points[k][d]);
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }
}
