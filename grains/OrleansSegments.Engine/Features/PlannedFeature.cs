namespace OrleansSegments.Engine.Features;

/// <summary>A sum or a quotient as the formulas of <see cref="MotionPlan"/> need it.</summary>
/// <param name="Index">The feature's place in every vector.</param>
/// <param name="NeedsDenominator">Whether the quotient is unknown, and so does not move, without a positive denominator.</param>
/// <param name="Prior">The prior's weight times its mean.</param>
/// <param name="AtRest">The transformed value of a customer for whom it does not move.</param>
internal readonly record struct PlannedFeature(
    byte Index, Transform Transform, byte HalfLife, int CellA, int CellB, bool NeedsDenominator, double Prior, double PriorWeight, double AtRest);
