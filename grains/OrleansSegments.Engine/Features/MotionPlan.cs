namespace OrleansSegments.Engine.Features;

/// <summary>
/// The features of a catalogue by how they move with time t, measured from the newest event, while no event comes. Those that move alike stand
/// side by side, those with one transform next to each other, so that loops over them rarely turn elsewhere.
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

    /// <summary>Sums a f, where f is 2^-(t / half-life).</summary>
    public PlannedFeature[] Decays { get; }

    /// <summary>Quotients (a f + k m) / (b f + k), with the prior's weight k and mean m; both sums have the half-life of the feature.</summary>
    public PlannedFeature[] Quotients { get; }

    /// <summary>Ages, and what stays as it is; for some customers the age of the account stands in for them.</summary>
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

/// <summary>A sum or a quotient as the formulas of <see cref="MotionPlan"/> need it.</summary>
/// <param name="Index">The feature's place in every vector.</param>
/// <param name="NeedsDenominator">Whether the quotient is unknown, and so does not move, without a positive denominator.</param>
/// <param name="Prior">The prior's weight times its mean.</param>
/// <param name="AtRest">The transformed value of a customer for whom it does not move.</param>
internal readonly record struct PlannedFeature(
    byte Index, Transform Transform, byte HalfLife, int CellA, int CellB, bool NeedsDenominator, double Prior, double PriorWeight, double AtRest);
