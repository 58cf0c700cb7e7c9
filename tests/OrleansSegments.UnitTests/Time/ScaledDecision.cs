using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Time;

namespace OrleansSegments.UnitTests.Time;

/// <summary>A model as the customers ask it: scale, then nearest with hysteresis; and the same in lanes.</summary>
internal readonly struct ScaledDecision(SegmentModel model) : ISegmentDecision
{
    public SegmentLanes? Lanes => model.Classifier.Lanes;

    public int Decide(ReadOnlySpan<double> values, int referenceSegment)
    {
        Span<float> scaled = stackalloc float[values.Length];
        model.Scaling.Apply(values, scaled);
        return model.Classifier.Decide(scaled, referenceSegment).SegmentId;
    }
}
