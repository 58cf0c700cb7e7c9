namespace OrleansSegments.Engine.Scaling;

/// <summary>
/// Fits a scaling to sketches of the whole population. Centre is the median; scale is IQR / 1.349, the standard deviation of a normal
/// distribution. When most customers share one value (nobody returned anything) the quartiles say nothing about the rest; then the standard
/// deviation between the 0.5 % and 99.5 % quantiles is used. The scale is always wide enough that at most 0.5 % on each side is clamped. A
/// constant feature gets scale 0 and contributes nothing.
/// </summary>
public static class ScalingFit
{
    private const double NormalQuartileRange = 1.349;
    private const double Tail = 0.005;

    /// <param name="sketches">One per feature, merged over the population, of transformed values.</param>
    /// <param name="weights">One per feature; null for 1 each.</param>
    /// <param name="clip">Scaled magnitude beyond which values are clamped.</param>
    public static FeatureScaling Fit(
        IReadOnlyList<QuantileSketch> sketches, IReadOnlyList<double>? weights = null, double clip = FeatureScaling.ClipDefault)
    {
        int count = sketches.Count;
        var center = new double[count];
        var scale = new double[count];
        var clips = new double[count];
        var weight = new double[count];
        for (int i = 0; i < count; i++)
        {
            (center[i], scale[i]) = FitFeature(sketches[i], clip);
            clips[i] = clip;
            weight[i] = weights is null ? 1 : weights[i];
        }

        return new FeatureScaling(center, scale, clips, weight);
    }

    private static (double Center, double Scale) FitFeature(QuantileSketch sketch, double clip)
    {
        if (sketch.Count == 0)
        {
            return (0, 0);
        }

        double median = sketch.Quantile(0.5);
        if (sketch.Min == sketch.Max)
        {
            return (median, 0);
        }

        double lower = sketch.Quantile(0.25);
        double upper = sketch.Quantile(0.75);
        double first = sketch.Quantile(Tail);
        double last = sketch.Quantile(1 - Tail);
        double byQuartiles = QuantileSketch.CannotTellApart(lower, upper) ? 0 : (upper - lower) / NormalQuartileRange;
        double bySpread = sketch.WinsorisedDeviation(first, last);
        if (bySpread == 0)
        {
            bySpread = sketch.WinsorisedDeviation(sketch.Min, sketch.Max);
        }

        double scale = byQuartiles >= bySpread / 2 ? byQuartiles : bySpread;
        double reach = Math.Max(last - median, median - first) / clip;
        scale = Math.Max(scale, reach);
        return (median, scale > 0 ? scale : (sketch.Max - sketch.Min) / NormalQuartileRange);
    }
}
