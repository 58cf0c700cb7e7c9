namespace OrleansSegments.Storage.Customers;

/// <summary>
/// What is kept of one customer. Immutable: a change makes a new record, so a reader of the old one never sees half a change.
/// The customer's id is not part of it: whoever holds a record came to it by the id, and a million copies would cost 64 MB.
/// </summary>
/// <param name="Version">1 for the first write; every write adds 1. A write whose expected version is not the stored one is refused.</param>
/// <param name="SegmentId">The effective segment: the one the totals count this customer in.</param>
/// <param name="ModelVersion">The model under which <paramref name="SegmentId"/> was last written.</param>
/// <param name="SegmentSinceMilliseconds">When the customer entered the segment, Unix milliseconds.</param>
/// <param name="SettledSegmentId">The segment that hysteresis measures from: the effective one at the last settlement hour; -1 for none.</param>
/// <param name="SettledHour">The hour (Unix hours) at which <paramref name="SettledSegmentId"/> was settled.</param>
/// <param name="State">The engine's encoded features, message ids and traits; opaque here.</param>
public sealed record CustomerRecord(
    long Version,
    int SegmentId,
    int ModelVersion,
    long SegmentSinceMilliseconds,
    int SettledSegmentId,
    int SettledHour,
    byte[] State);
