using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Commits;

/// <summary>What one commit leaves of one customer: the last record, or only a new deadline.</summary>
/// <param name="Record">Null when only the deadline changed.</param>
/// <param name="Version">The record's version, also when the record itself is not here.</param>
/// <param name="SegmentId">The customer's segment after the commit.</param>
/// <param name="BaseSegmentId">The customer's segment before the commit; null when the commit created it.</param>
internal readonly record struct CommitEntry(
    string CustomerId, CustomerRecord? Record, long Version, int SegmentId, int? BaseSegmentId, long? DueAtMilliseconds);
