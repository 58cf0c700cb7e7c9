using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Time;

/// <summary>What one feature of one customer does as time passes, reduced to a formula of at most four numbers (<see cref="Features.Motion"/>).</summary>
/// <param name="A">The decaying sum, the numerator, or the days that had passed.</param>
/// <param name="B">The denominator.</param>
/// <param name="Prior">The prior's weight times its mean.</param>
/// <param name="PriorWeight">The prior's weight.</param>
internal readonly record struct MovingFeature(
    Motion Motion, Transform Transform, byte HalfLife, float A, float B = 0, float Prior = 0, float PriorWeight = 0);
