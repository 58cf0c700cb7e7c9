using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Unmerged;

/// <summary>What the journal has of one customer and the tables do not have yet.</summary>
/// <param name="Record">Null when only the deadline changed; the record is then in the layer below.</param>
/// <param name="BaseSegmentId">The segment in the layer below; null when the customer is not there.</param>
internal sealed record UnmergedCustomer(
    CustomerRecord? Record, long Version, int SegmentId, int? BaseSegmentId, long? DueAtMilliseconds)
{
    /// <summary>Whether a table of members is wrong about this customer.</summary>
    public bool HasMoved => BaseSegmentId != SegmentId;
}
