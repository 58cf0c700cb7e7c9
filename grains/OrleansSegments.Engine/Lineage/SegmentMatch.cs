namespace OrleansSegments.Engine.Lineage;

/// <summary>The identities of a new model's clusters.</summary>
/// <param name="SegmentIds">Id per new centroid.</param>
/// <param name="NextSegmentId">The id that the next new segment gets.</param>
/// <param name="Lineage">What became of every old segment, and which are new.</param>
/// <param name="Relabelled">Share of the customers whose segment id differs under the two models.</param>
/// <param name="OldIndexOf">Index of the old centroid that each new one continues, or -1.</param>
public sealed record SegmentMatch(
    int[] SegmentIds, int NextSegmentId, IReadOnlyList<LineageRecord> Lineage, double Relabelled, int[] OldIndexOf);
