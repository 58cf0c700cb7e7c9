using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// Keeps the published scaling while it still fits: a frozen scaling moves fewer customers between models. It is fitted anew when a
/// feature's median moved by more than half a scale, or its scale by more than half, or a feature came to life.
/// </summary>
internal static class ScalingChoice
{
    private const double MedianShiftMax = 0.5;
    private const double ScaleRatioMax = 1.5;

    public static FeatureScaling Choose(SegmentModel published, FeatureScaling fitted, bool replan) =>
        published.IsBootstrap || replan || Enumerable.Range(0, fitted.Count).Any(d => Drifted(published.Scaling, fitted, d)) ? fitted : published.Scaling;

    private static bool Drifted(FeatureScaling published, FeatureScaling fitted, int feature)
    {
        double before = published.Scale[feature];
        double now = fitted.Scale[feature];
        if (before == 0 || now == 0)
        {
            return before != now;
        }

        double ratio = Math.Max(before / now, now / before);
        return ratio > ScaleRatioMax || Math.Abs(fitted.Center[feature] - published.Center[feature]) > MedianShiftMax * before;
    }
}
