using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Storage.Customers;

/// <summary>
/// All customers at one instant, however much is committed meanwhile. While it is open the store keeps what later commits replace, so whoever opens one
/// closes it within minutes.
/// </summary>
public interface ICustomerSnapshot : IAsyncDisposable
{
    /// <summary>The totals of the instant: as many members are read as they say.</summary>
    SegmentTotals Totals { get; }

    /// <inheritdoc cref="ICustomerStore.ReadMembersAsync"/>
    ValueTask<IReadOnlyList<string>> ReadMembersAsync(int segmentId, string? afterId, int limit, CancellationToken cancellationToken);

    /// <inheritdoc cref="ICustomerStore.ScanAsync"/>
    ValueTask<IReadOnlyList<StoredCustomer>> ScanAsync(string? afterId, int limit, CancellationToken cancellationToken);
}
