namespace OrleansSegments.Engine.Time;

/// <summary>Where a feature vector belongs. A struct that implements it lets the crossing search call the model without indirection.</summary>
public interface ISegmentDecision
{
    /// <summary>The effective segment of a vector as <c>FeatureEngine.Evaluate</c> writes it, measured from a reference segment. Pure.</summary>
    int Decide(ReadOnlySpan<double> values, int referenceSegment);
}
