using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Time;

/// <summary>Where a feature vector belongs. A struct that implements it lets the crossing search call the model without indirection.</summary>
public interface ISegmentDecision
{
    /// <summary>Decides as <see cref="Decide"/> does, many moments at a time; null where there is only the plain way.</summary>
    SegmentLanes? Lanes { get; }

    /// <summary>The effective segment of a vector as <c>FeatureEngine.Evaluate</c> writes it, measured from a reference segment. Pure.</summary>
    int Decide(ReadOnlySpan<double> values, int referenceSegment);
}
