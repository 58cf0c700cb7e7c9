namespace OrleansSegments.Engine.Explanation;

/// <summary>Euclidean distance in scaled space from the customer to one segment's centre.</summary>
public sealed record SegmentDistance(int SegmentId, string Name, double Distance);
