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

    /// <summary>The keys of some of the customers.</summary>
    public Keys KeysOf(int start, int count) => new(Customers.Slice(start, count), _ids);

    public IdKey KeyOf(ref readonly UnmergedCustomer customer) => new(_ids.Slice(customer.IdStart, customer.IdBytes), customer.Hash);

    public readonly ref struct Keys(ReadOnlySpan<UnmergedCustomer> customers, ReadOnlySpan<byte> ids) : IIdKeys
    {
        private readonly ReadOnlySpan<UnmergedCustomer> _customers = customers;
        private readonly ReadOnlySpan<byte> _ids = ids;

        public int Count => _customers.Length;

        public ulong HashAt(int index) => _customers[index].Hash;

        public IdKey KeyAt(int index)
        {
            ref readonly var customer = ref _customers[index];
            return new IdKey(_ids.Slice(customer.IdStart, customer.IdBytes), customer.Hash);
        }
    }
}
