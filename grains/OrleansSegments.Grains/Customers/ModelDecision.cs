using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Time;
using OrleansSegments.Grains.Models;

namespace OrleansSegments.Grains.Customers;

/// <summary>Lets the crossing search ask a model where a vector belongs.</summary>
internal readonly struct ModelDecision(LiveModel model) : ISegmentDecision
{
    public SegmentLanes? Lanes => model.Classifier.Lanes;

    public int Decide(ReadOnlySpan<double> values, int referenceSegment)
    {
        Span<float> scaled = stackalloc float[model.Dimensions];
        model.Model.Scaling.Apply(values, scaled);
        return model.Classifier.Decide(scaled, referenceSegment).SegmentId;
    }
}
