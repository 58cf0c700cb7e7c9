using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Commits;

/// <summary>All that one commit says, but for the records' bodies, which are in the journal.</summary>
/// <param name="ids">The bytes that <see cref="UnmergedCustomer.IdStart"/> of the customers here counts in.</param>
internal readonly ref struct CommitContent(
    ReadOnlySpan<UnmergedCustomer> customers, ReadOnlySpan<byte> ids, IReadOnlyList<Transition> transitions, SegmentTotals totalsAfter)
{
    private readonly ReadOnlySpan<byte> _ids = ids;

    public ReadOnlySpan<UnmergedCustomer> Customers { get; } = customers;

    public IReadOnlyList<Transition> Transitions { get; } = transitions;

    public SegmentTotals TotalsAfter { get; } = totalsAfter;

    public IdKey KeyOf(ref readonly UnmergedCustomer customer) => new(_ids.Slice(customer.IdStart, customer.IdBytes), customer.Hash);
}
