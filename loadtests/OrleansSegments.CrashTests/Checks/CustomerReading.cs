namespace OrleansSegments.CrashTests.Checks;

/// <summary>What a customer says of itself.</summary>
internal sealed record CustomerReading(long EventCount, string SegmentId, int ModelVersion);
