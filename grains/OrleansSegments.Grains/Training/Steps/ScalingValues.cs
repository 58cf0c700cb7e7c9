using Orleans;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>A feature scaling as it travels, with all its bits.</summary>
[GenerateSerializer, Immutable, Alias("scaling-values")]
public sealed record ScalingValues(
    [property: Id(0)] double[] Center, [property: Id(1)] double[] Scale, [property: Id(2)] double[] Clip, [property: Id(3)] double[] Weight)
{
    public static ScalingValues Of(FeatureScaling scaling) => new(scaling.Center, scaling.Scale, scaling.Clip, scaling.Weight);

    public FeatureScaling ToScaling() => new(Center, Scale, Clip, Weight);
}
