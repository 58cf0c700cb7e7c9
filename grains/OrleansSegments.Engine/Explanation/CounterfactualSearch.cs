using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Explanation;

/// <summary>
/// Along one feature, d_other^2 - (1 - margin)^2 x d_own^2 is a quadratic in the step, so the step at which the customer would move to a
/// given other segment is a root of it. Each candidate is verified with the classifier.
/// </summary>
internal static class CounterfactualSearch
{
    private const int ToldMax = 3;

    /// <summary>Two grid steps beyond the border, to be on the far side after rounding.</summary>
    private const double Beyond = 2 / FeatureGrid.UnitsPerOne;

    public static IReadOnlyList<Counterfactual> Find(SegmentModel model, ReadOnlySpan<float> x, int own)
    {
        var found = new List<Counterfactual>();
        float[] changed = x.ToArray();
        for (int d = 0; d < x.Length; d++)
        {
            if (Smallest(model, changed, own, d) is { } smallest)
            {
                found.Add(smallest);
            }
        }

        return [.. found.OrderBy(c => Math.Abs(c.ScaledChange)).Take(ToldMax)];
    }

    private static Counterfactual? Smallest(SegmentModel model, float[] x, int own, int feature)
    {
        FeatureScaling scaling = model.Scaling;
        if (scaling.Scale[feature] == 0 || scaling.Weight[feature] == 0)
        {
            return null;
        }

        double edge = scaling.Clip[feature] * scaling.Weight[feature];
        float now = x[feature];
        IEnumerable<double> steps = Enumerable.Range(0, model.SegmentCount).Where(k => k != own)
            .SelectMany(k => Roots(model, x, own, k, feature))
            .Select(step => step + Math.CopySign(Beyond, step))
            .Where(step => Math.Abs(now + step) <= edge)
            .OrderBy(Math.Abs);
        foreach (double step in steps)
        {
            x[feature] = FeatureGrid.Round(now + step);
            int segment = model.Classifier.Decide(x, model.SegmentIds[own]).SegmentId;
            double to = scaling.Restore(feature, x[feature]);
            x[feature] = now;
            if (segment != model.SegmentIds[own])
            {
                return new Counterfactual(
                    model.FeatureNames[feature], scaling.Restore(feature, now), to, step, segment, model.NameOf(segment));
            }
        }

        return null;
    }

    private static IEnumerable<double> Roots(SegmentModel model, float[] x, int own, int other, int feature)
    {
        double keep = (1 - model.HysteresisMargin) * (1 - model.HysteresisMargin);
        double toOwn = (double)x[feature] - model.Centroids[own][feature];
        double toOther = (double)x[feature] - model.Centroids[other][feature];
        double a = 1 - keep;
        double b = 2 * (toOther - (keep * toOwn));
        double c = model.Centroids.Distance(other, x) - (keep * model.Centroids.Distance(own, x));
        if (Math.Abs(a) < 1e-12)
        {
            return Math.Abs(b) < 1e-12 ? [] : [-c / b];
        }

        double discriminant = (b * b) - (4 * a * c);
        if (discriminant < 0)
        {
            return [];
        }

        double root = Math.Sqrt(discriminant);
        return [(-b - root) / (2 * a), (-b + root) / (2 * a)];
    }
}

/// <summary>The smallest change of one feature that would move the customer, all else equal.</summary>
/// <param name="From">The value now, in transformed units.</param>
/// <param name="To">The value at which the customer moves.</param>
/// <param name="ScaledChange">Size of the step in scaled space, comparable between features.</param>
/// <param name="SegmentId">The segment that the customer would move to.</param>
public sealed record Counterfactual(string Feature, double From, double To, double ScaledChange, int SegmentId, string SegmentName);
