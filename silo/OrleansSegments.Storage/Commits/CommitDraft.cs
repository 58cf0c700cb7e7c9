using System.Collections.Frozen;
using System.Runtime.InteropServices;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Commits;

/// <summary>
/// One commit while it is put together: each customer once, every transition, the totals after it. It starts from the committed totals,
/// so a draft that fails to become durable is dropped and leaves nothing behind.
/// </summary>
internal sealed class CommitDraft
{
    private readonly List<CommitEntry> _entries = [];
    private readonly List<Transition> _transitions = [];
    private readonly Dictionary<string, int> _entryByCustomerId = [];
    private readonly Dictionary<int, long> _sizes = [];
    private SegmentTotals _before = SegmentTotals.Empty;
    private long _latestOccurred;

    public ReadOnlySpan<CommitEntry> Entries => CollectionsMarshal.AsSpan(_entries);

    public IReadOnlyList<Transition> Transitions => _transitions;

    public bool IsEmpty => _entries.Count == 0;

    public void Begin(SegmentTotals committed)
    {
        _entries.Clear();
        _transitions.Clear();
        _entryByCustomerId.Clear();
        _sizes.Clear();
        foreach (var (segmentId, size) in committed.SizeBySegmentId)
        {
            _sizes[segmentId] = size;
        }

        _before = committed;
        _latestOccurred = committed.LatestOccurredAtMilliseconds;
    }

    public bool TryGetVersion(string customerId, out CustomerVersion version)
    {
        if (_entryByCustomerId.TryGetValue(customerId, out var index))
        {
            var entry = _entries[index];
            version = new CustomerVersion(entry.Version, entry.SegmentId);
            return true;
        }

        version = CustomerVersion.Absent;
        return false;
    }

    /// <summary>Adds a change whose version was checked against <paramref name="before"/>.</summary>
    public void Add(CustomerChange change, CustomerVersion before)
    {
        var record = change.Record;
        ref var entry = ref EntryOf(change.CustomerId, before);
        entry = entry with
        {
            Record = record,
            Version = record.Version,
            SegmentId = record.SegmentId,
            DueAtMilliseconds = change.DueAtMilliseconds,
        };
        _latestOccurred = Math.Max(_latestOccurred, change.OccurredAtMilliseconds);
        if (before.SegmentIdOrNull != record.SegmentId)
        {
            Move(change, before.SegmentIdOrNull);
        }
    }

    public void Add(DeadlineUpdate update, CustomerVersion before)
    {
        ref var entry = ref EntryOf(update.CustomerId, before);
        entry = entry with { DueAtMilliseconds = update.DueAtMilliseconds };
    }

    public SegmentTotals TotalsAfter()
    {
        if (_transitions.Count == 0)
        {
            return _latestOccurred == _before.LatestOccurredAtMilliseconds
                ? _before
                : _before with { LatestOccurredAtMilliseconds = _latestOccurred };
        }

        var sizes = _sizes.Where(size => size.Value != 0).ToFrozenDictionary();
        return new SegmentTotals(_transitions[^1].Sequence, sizes.Values.Sum(), sizes, _latestOccurred);
    }

    private ref CommitEntry EntryOf(string customerId, CustomerVersion before)
    {
        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_entryByCustomerId, customerId, out var isKnown);
        if (!isKnown)
        {
            index = _entries.Count;
            _entries.Add(new CommitEntry(customerId, null, before.Version, before.SegmentId, before.SegmentIdOrNull, null));
        }

        return ref CollectionsMarshal.AsSpan(_entries)[index];
    }

    private void Move(CustomerChange change, int? from)
    {
        var to = change.Record.SegmentId;
        if (from is { } left)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_sizes, left, out _)--;
        }

        CollectionsMarshal.GetValueRefOrAddDefault(_sizes, to, out _)++;
        _transitions.Add(new Transition(
            _before.Sequence + _transitions.Count + 1,
            change.CustomerId,
            from,
            to,
            change.Cause,
            change.Record.ModelVersion,
            change.OccurredAtMilliseconds));
    }
}
