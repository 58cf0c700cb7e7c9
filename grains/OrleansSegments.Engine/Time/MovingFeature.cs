using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>What one feature of one customer needs for the formulas of <see cref="MotionPlan"/>.</summary>
/// <param name="Planned">Of a quotient: its place among them.</param>
/// <param name="A">The sum, the numerator, or the milliseconds that had passed at the newest event.</param>
/// <param name="B">The denominator.</param>
internal readonly record struct MovingFeature(Transform Transform, byte HalfLife, byte Planned, double A, double B);
