namespace OrleansSegments.Engine.Lineage;

/// <summary>One line of the segments' family tree.</summary>
/// <param name="OldSegmentId">The segment before, or null for one that emerged from many.</param>
/// <param name="NewSegmentIds">Where it went on; empty if it vanished.</param>
/// <param name="Share">Share of the old segment's customers that the new ones hold; for an emerged one, share of its own customers that the
/// old segment named, if any, gave.</param>
public sealed record LineageRecord(LineageKind Kind, int? OldSegmentId, IReadOnlyList<int> NewSegmentIds, double Share);
