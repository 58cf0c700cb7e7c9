using System.Collections.Frozen;
using System.Runtime.InteropServices;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Commits;

/// <summary>
/// One commit while it is put together: each customer once, every transition, the totals after it. It starts from the committed totals,
/// so a draft that fails to become durable is dropped and leaves nothing behind.
/// </summary>
internal sealed class CommitDraft
{
    private readonly List<UnmergedCustomer> _customers = [];
    private readonly List<CustomerRecord?> _records = [];
    private readonly List<int> _places = [];
    private readonly List<Transition> _transitions = [];
    private readonly IdSlots _slots = new(entriesExpected: 0);
    private readonly Dictionary<int, long> _sizes = [];
    private byte[] _ids = new byte[64 * 1024];
    private int _idBytes;
    private SegmentTotals _before = SegmentTotals.Empty;
    private long _latestOccurred;

    public bool IsEmpty => _customers.Count == 0;

    public int TransitionCount => _transitions.Count;

    /// <summary>The customers; whoever writes their bodies notes here where.</summary>
    public Span<UnmergedCustomer> Customers => CollectionsMarshal.AsSpan(_customers);

    /// <summary>Their new records, null where only the deadline changed.</summary>
    public ReadOnlySpan<CustomerRecord?> Records => CollectionsMarshal.AsSpan(_records);

    /// <summary>Where they stand among the unmerged customers that <see cref="PlacesIn"/> names, -1 for not at all.</summary>
    public ReadOnlySpan<int> Places => CollectionsMarshal.AsSpan(_places);

    public UnmergedGeneration PlacesIn { get; private set; } = new(0);

    public CommitContent Content(SegmentTotals totalsAfter) => new(Customers, _ids.AsSpan(0, _idBytes), _transitions, totalsAfter);

    public void Begin(SegmentTotals committed, UnmergedGeneration placesIn)
    {
        _customers.Clear();
        _records.Clear();
        _places.Clear();
        _transitions.Clear();
        _slots.Reset(entriesExpected: 0);
        _sizes.Clear();
        _idBytes = 0;
        foreach (var (segmentId, size) in committed.SizeBySegmentId)
        {
            _sizes[segmentId] = size;
        }

        _before = committed;
        _latestOccurred = committed.LatestOccurredAtMilliseconds;
        PlacesIn = placesIn;
    }

    /// <summary>The customer's index in this draft, or -1.</summary>
    public int IndexOf(IdKey key)
    {
        var index = _slots.First(key.Hash, out var cursor);
        while (index >= 0 && !IsOf(in Customers[index], key))
        {
            index = _slots.Next(key.Hash, ref cursor);
        }

        return index;
    }

    public CustomerVersion VersionAt(int index) => new(Customers[index].Version, Customers[index].SegmentId);

    /// <summary>Takes in a customer who is not here yet; returns its index.</summary>
    public int Add(IdKey key, CustomerVersion before, int place)
    {
        var index = _customers.Count;
        if (_ids.Length - _idBytes < key.Utf8.Length)
        {
            Array.Resize(ref _ids, _ids.Length * 2);
        }

        key.Utf8.CopyTo(_ids.AsSpan(_idBytes));
        _customers.Add(new UnmergedCustomer
        {
            Hash = key.Hash,
            Version = before.Version,
            SegmentId = before.SegmentId,
            BaseSegmentId = before.SegmentId,
            IdStart = _idBytes,
            IdBytes = (short)key.Utf8.Length,
            Marks = before.Exists ? CustomerMarks.HasBase : CustomerMarks.None,
        });
        _idBytes += key.Utf8.Length;
        _records.Add(null);
        _places.Add(place);
        if (_slots.IsFull)
        {
            _slots.Reset(_customers.Count * 2);
            for (var other = 0; other < index; other++)
            {
                _slots.Add(_customers[other].Hash, other);
            }
        }

        _slots.Add(key.Hash, index);
        return index;
    }

    /// <summary>Writes a change, checked against <paramref name="before"/>, over the customer at an index.</summary>
    public void Change(int index, CustomerChange change, CustomerVersion before)
    {
        var record = change.Record;
        ref var customer = ref Customers[index];
        customer.Version = record.Version;
        customer.SegmentId = record.SegmentId;
        customer.DueAtMilliseconds = change.DueAtMilliseconds;
        customer.Marks |= CustomerMarks.HasBody;
        _records[index] = record;
        _latestOccurred = Math.Max(_latestOccurred, change.OccurredAtMilliseconds);
        if (before.SegmentIdOrNull != record.SegmentId)
        {
            Move(change, before.SegmentIdOrNull);
        }
    }

    public void ChangeDeadline(int index, long? dueAtMilliseconds) => Customers[index].DueAtMilliseconds = dueAtMilliseconds;

    /// <summary>Takes in what an earlier commit left of one customer.</summary>
    public void Restore(IdKey key, int? baseSegmentId, long version, int segmentId, long? dueAtMilliseconds, CustomerRecord? record)
    {
        var before = baseSegmentId is { } segment ? new CustomerVersion(1, segment) : CustomerVersion.Absent;
        var index = Add(key, before, place: -1);
        ref var customer = ref Customers[index];
        customer.Version = version;
        customer.SegmentId = segmentId;
        customer.DueAtMilliseconds = dueAtMilliseconds;
        customer.Marks |= record is null ? CustomerMarks.None : CustomerMarks.HasBody;
        _records[index] = record;
    }

    public void Restore(Transition transition) => _transitions.Add(transition);

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

    private bool IsOf(ref readonly UnmergedCustomer customer, IdKey key) =>
        customer.Hash == key.Hash && _ids.AsSpan(customer.IdStart, customer.IdBytes).SequenceEqual(key.Utf8);

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
