namespace OrleansSegments.Engine.Features;

/// <summary>
/// A catalogue's features grouped by how they change with the time t since the newest event while no event arrives. Features with the same
/// formula are adjacent, and within them those with the same transform, so that loops over them rarely mispredict branches.
/// </summary>
internal sealed class MotionPlan
{
    public MotionPlan(IReadOnlyList<CompiledFeature> features, int cellCount)
    {
        var groups = features.Index().OrderBy(x => x.Item.Transform).ToLookup(x => MotionOf(x.Item));
        var empty = new double[cellCount];
        Decays = [.. groups[Motion.Decay].Select(x => Plan(x.Index, x.Item, empty))];
        Quotients = [.. groups[Motion.Quotient].Select(x => Plan(x.Index, x.Item, empty))];
        Others = [.. groups[Motion.Other].Select(x => ((byte)x.Index, x.Item))];
    }

    private enum Motion
    {
        Other,
        Decay,
        Quotient,
    }

    /// <summary>Sums: a f, where f is 2^-(t / half-life).</summary>
    public PlannedFeature[] Decays { get; }

    /// <summary>Quotients (a f + k m) / (b f + k), with the prior's weight k and mean m; both sums have the feature's half-life.</summary>
    public PlannedFeature[] Quotients { get; }

    /// <summary>Ages and constant features; for some customers the age of the account replaces the latter.</summary>
    public (byte Index, CompiledFeature Feature)[] Others { get; }

    private static Motion MotionOf(in CompiledFeature feature) => feature.Aggregation switch
    {
        Aggregation.DecayedCount or Aggregation.DecayedSum => Motion.Decay,
        Aggregation.DecayedMean or Aggregation.Ratio or Aggregation.Share or Aggregation.HourCos or Aggregation.HourSin
            when feature.PriorWeight > 0 => Motion.Quotient,
        _ => Motion.Other,
    };

    private static PlannedFeature Plan(int index, in CompiledFeature feature, double[] empty) => new(
        (byte)index, feature.Transform, (byte)feature.FactorA, feature.CellA, feature.CellB, feature.Missing == MissingRule.Mean,
        feature.PriorWeight * feature.PriorMean, feature.PriorWeight, FeatureEvaluation.Resting(in feature, empty));
}

/// <summary>A sum or quotient in the form needed by the formulas of <see cref="MotionPlan"/>.</summary>
/// <param name="Index">The feature's index in every vector.</param>
/// <param name="NeedsDenominator">True when the quotient is unknown, and therefore constant, without a positive denominator.</param>
/// <param name="Prior">The prior's weight times its mean.</param>
/// <param name="AtRest">The transformed value for customers for whom it is constant.</param>
internal readonly record struct PlannedFeature(
    byte Index, Transform Transform, byte HalfLife, int CellA, int CellB, bool NeedsDenominator, double Prior, double PriorWeight, double AtRest);
