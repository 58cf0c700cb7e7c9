using System.Collections.Concurrent;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Unmerged;

/// <summary>
/// The commits between two merges: written by the commit thread alone, read by anyone. About 300 bytes a customer beside the state,
/// which a live grain shares.
/// </summary>
internal sealed class UnmergedGeneration
{
    private const int BytesPerCustomer = 300;

    private readonly ConcurrentDictionary<string, UnmergedCustomer> _customers = new(concurrencyLevel: 1, capacity: 1024);
    private readonly AppendList<Transition> _transitions = new();
    private readonly AppendList<string> _moved = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public long Bytes { get; private set; }

    public bool IsEmpty => LastCommitNumber == 0;

    /// <summary>The last commit in here; 0 for none.</summary>
    public long LastCommitNumber { get; private set; }

    public SegmentTotals Totals { get; private set; } = SegmentTotals.Empty;

    /// <summary>Everyone in here. Sees every commit that was applied before the call; later ones perhaps.</summary>
    public IEnumerable<KeyValuePair<string, UnmergedCustomer>> Customers => _customers;

    /// <summary>Oldest first.</summary>
    public ReadOnlySpan<Transition> Transitions => _transitions.Snapshot;

    /// <summary>Ids of customers who were once in another segment than the layer below says; they may be back.</summary>
    public ReadOnlySpan<string> Moved => _moved.Snapshot;

    public UnmergedCustomer? Find(string customerId) => _customers.GetValueOrDefault(customerId);

    public KeyValuePair<string, UnmergedCustomer>[] ToArray() => _customers.ToArray();

    public void Apply(long commitNumber, ReadOnlySpan<CommitEntry> entries, IReadOnlyList<Transition> transitions, SegmentTotals totals)
    {
        foreach (ref readonly var entry in entries)
        {
            Put(in entry);
        }

        foreach (var transition in transitions)
        {
            _transitions.Add(transition);
        }

        Totals = totals;
        LastCommitNumber = commitNumber;
    }

    private void Put(ref readonly CommitEntry entry)
    {
        var existing = Find(entry.CustomerId);
        var record = entry.Record ?? existing?.Record;
        var customer = new UnmergedCustomer(
            record,
            entry.Version,
            entry.SegmentId,
            existing is null ? entry.BaseSegmentId : existing.BaseSegmentId,
            entry.DueAtMilliseconds);
        _customers[entry.CustomerId] = customer;
        Bytes += (entry.Record?.State.Length ?? 0) - (entry.Record is null ? 0 : existing?.Record?.State.Length ?? 0);
        if (existing is null)
        {
            Bytes += BytesPerCustomer;
            Volatile.Write(ref _count, _count + 1);
        }

        if (customer.HasMoved && existing is not { HasMoved: true })
        {
            _moved.Add(entry.CustomerId);
        }
    }
}
