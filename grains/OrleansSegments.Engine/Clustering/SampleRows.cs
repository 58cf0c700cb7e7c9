namespace OrleansSegments.Engine.Clustering;

/// <summary>A sample on the wire: ranks ascending, and the rows one after another.</summary>
public sealed record SampleRows(ulong[] Ranks, float[] Values);
