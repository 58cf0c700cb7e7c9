using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Explanation;

/// <summary>
/// Why a customer is in its segment. "Own" is the effective segment, the runner-up is the nearest of the others. While hysteresis holds the
/// customer back, the runner-up is nearer, and <see cref="Margin"/> and <see cref="SquaredGap"/> are negative.
/// </summary>
public sealed record SegmentExplanation
{
    public required int NearestSegmentId { get; init; }

    public required int EffectiveSegmentId { get; init; }

    /// <summary>Null in a model of one segment.</summary>
    public required int? RunnerUpSegmentId { get; init; }

    /// <summary>1 - d_own / d_runner-up; 0 on the border, 1 on the own centre.</summary>
    public required double Margin { get; init; }

    /// <summary>d_runner-up^2 - d_own^2, the sum of the contributions.</summary>
    public required double SquaredGap { get; init; }

    /// <summary>All segments, nearest first.</summary>
    public required IReadOnlyList<SegmentDistance> Distances { get; init; }

    /// <summary>One per feature, by descending absolute contribution.</summary>
    public required IReadOnlyList<FeatureContribution> Contributions { get; init; }

    /// <summary>Up to three single-feature changes that would move the customer, smallest step first.</summary>
    public required IReadOnlyList<Counterfactual> Counterfactuals { get; init; }

    /// <param name="x">The customer's scaled vector.</param>
    /// <param name="referenceSegmentId">The customer's last effective segment, or <see cref="SegmentClassifier.NoSegment"/>.</param>
    public static SegmentExplanation Of(SegmentModel model, ReadOnlySpan<float> x, int referenceSegmentId)
    {
        SegmentDecision decision = model.Classifier.Decide(x, referenceSegmentId);
        int own = model.IndexOf(decision.SegmentId);
        double[] squared = SquaredDistances(model.Centroids, x);
        int? runnerUp = RunnerUp(squared, own);
        double ownDistance = Math.Sqrt(squared[own]);
        double otherDistance = runnerUp is { } other ? Math.Sqrt(squared[other]) : 0;
        return new SegmentExplanation
        {
            NearestSegmentId = decision.NearestSegmentId,
            EffectiveSegmentId = decision.SegmentId,
            RunnerUpSegmentId = runnerUp is { } r ? model.SegmentIds[r] : null,
            Margin = runnerUp is null ? 1 : otherDistance > 0 ? 1 - (ownDistance / otherDistance) : ownDistance > 0 ? double.MinValue : 0,
            SquaredGap = runnerUp is { } index ? squared[index] - squared[own] : 0,
            Distances = [.. squared.Select((s, k) => new SegmentDistance(model.SegmentIds[k], model.SegmentNames[k], Math.Sqrt(s)))
                .OrderBy(d => d.Distance)],
            Contributions = runnerUp is { } b ? Contribute(model, x, own, b) : [],
            Counterfactuals = CounterfactualSearch.Find(model, x, own),
        };
    }

    private static double[] SquaredDistances(CentroidSet centroids, ReadOnlySpan<float> x)
    {
        var squared = new double[centroids.Count];
        for (int k = 0; k < squared.Length; k++)
        {
            ReadOnlySpan<float> centre = centroids[k];
            for (int d = 0; d < x.Length; d++)
            {
                squared[k] += Square((double)x[d] - centre[d]);
            }
        }

        return squared;
    }

    private static int? RunnerUp(double[] squared, int own)
    {
        int? nearest = null;
        for (int k = 0; k < squared.Length; k++)
        {
            if (k != own && (nearest is null || squared[k] < squared[nearest.Value]))
            {
                nearest = k;
            }
        }

        return nearest;
    }

    private static FeatureContribution[] Contribute(SegmentModel model, ReadOnlySpan<float> x, int own, int runnerUp)
    {
        ReadOnlySpan<float> a = model.Centroids[own];
        ReadOnlySpan<float> b = model.Centroids[runnerUp];
        var contributions = new FeatureContribution[x.Length];
        for (int d = 0; d < x.Length; d++)
        {
            contributions[d] = new FeatureContribution(
                model.FeatureNames[d],
                Square((double)x[d] - b[d]) - Square((double)x[d] - a[d]),
                model.Scaling.Restore(d, x[d]),
                model.Scaling.Restore(d, a[d]),
                model.Scaling.Restore(d, b[d]),
                x[d]);
        }

        return [.. contributions.OrderByDescending(c => Math.Abs(c.Contribution))];
    }

    private static double Square(double value) => value * value;
}

/// <summary>How much one feature speaks for the customer's own segment or for the runner-up.</summary>
/// <param name="Contribution">(x - runner-up)^2 - (x - own)^2 in scaled space; positive favours the own segment. Over all features they add
/// up exactly to the difference of the squared distances.</param>
/// <param name="Value">The customer's value in transformed units (before centring and scaling).</param>
/// <param name="OwnCentre">The own segment's centre in the same units.</param>
/// <param name="RunnerUpCentre">The runner-up's centre in the same units.</param>
/// <param name="Scaled">The customer's scaled value, which distances are computed from.</param>
public sealed record FeatureContribution(
    string Feature, double Contribution, double Value, double OwnCentre, double RunnerUpCentre, float Scaled);

/// <summary>Euclidean distance in scaled space from the customer to one segment's centre.</summary>
public sealed record SegmentDistance(int SegmentId, string Name, double Distance);
