namespace OrleansSegments.Engine.Scaling;

/// <summary>A sketch on the wire: occupied buckets (key 0 is zero, positive and negative keys are mirrored) and their counts.</summary>
public sealed record QuantileSketchCounts(int[] Keys, long[] Counts, long UnknownCount, double Min, double Max);
