using System.Diagnostics;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Unmerged;

/// <summary>
/// The commits between two merges: written by the commit thread alone, read by anyone. About 110 bytes a customer, none of which the
/// collector looks at. Readers wait for a writer for as long as a few customers take.
/// </summary>
internal sealed class UnmergedGeneration
{
    /// <summary>How many customers are looked up, or written before a reader has its turn.</summary>
    public const int TogetherMax = 64;

    private readonly Lock _gate = new();
    private readonly IdSlots _slots;
    private readonly CustomerBlocks _customers = new();
    private readonly IdArena _ids = new();
    private readonly AppendList<Transition> _transitions = new();
    private readonly AppendList<int> _moved = new();
    private readonly PlacesInOrder _inOrder;
    private int _count;
    private long _changes;
    private long _bytes;
    private long _begunAt;

    public UnmergedGeneration(int customersExpected)
    {
        _slots = new IdSlots(customersExpected);
        _inOrder = new PlacesInOrder(this);
    }

    /// <summary>Customers in here; their places are 0 to below this.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Changes in here, every one counted.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>What the commits in here take in the journal.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public bool IsEmpty => LastCommitNumber == 0;

    /// <summary>How long ago the first commit came in here; zero for none.</summary>
    public TimeSpan Age => Volatile.Read(ref _begunAt) is var begunAt && begunAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(begunAt);

    /// <summary>The last commit in here; 0 for none.</summary>
    public long LastCommitNumber { get; private set; }

    public SegmentTotals Totals { get; private set; } = SegmentTotals.Empty;

    /// <summary>Oldest first.</summary>
    public ReadOnlySpan<Transition> Transitions => _transitions.Snapshot;

    /// <summary>Places of customers who were once in another segment than the layer below says; they may be back.</summary>
    public ReadOnlySpan<int> Moved => _moved.Snapshot;

    public PlacesInOrder InOrder => _inOrder;

    /// <summary>The commit thread's own look: the place of a customer, or -1.</summary>
    public int PlaceOf(IdKey key)
    {
        var place = _slots.First(key.Hash, out var cursor);
        while (place >= 0 && !IsOf(in _customers[place], key))
        {
            place = _slots.Next(key.Hash, ref cursor);
        }

        return place;
    }

    /// <summary>
    /// The same for up to <see cref="TogetherMax"/> at once: first all slots, then all customers, then all ids, so that the memory is asked
    /// for many at a time. It halves the time of a start.
    /// </summary>
    public void PlacesOf<TKeys>(TKeys keys, Span<int> places)
        where TKeys : IIdKeys, allows ref struct
    {
        Span<(int Start, int Bytes)> ids = stackalloc (int, int)[TogetherMax];
        for (var index = 0; index < keys.Count; index++)
        {
            places[index] = _slots.First(keys.HashAt(index), out _);
        }

        for (var index = 0; index < keys.Count; index++)
        {
            if (places[index] >= 0)
            {
                ref readonly var customer = ref _customers[places[index]];
                ids[index] = customer.Hash == keys.HashAt(index) ? (customer.IdStart, customer.IdBytes) : (0, 0);
            }
        }

        for (var index = 0; index < keys.Count; index++)
        {
            if (places[index] >= 0 && !_ids.At(ids[index].Start, ids[index].Bytes).SequenceEqual(keys.KeyAt(index).Utf8))
            {
                // Another's hash is alike; who is looked for may stand behind.
                places[index] = PlaceOf(keys.KeyAt(index));
            }
        }
    }

    /// <summary>The customer at a place; for the commit thread, or in a frozen generation.</summary>
    public ref readonly UnmergedCustomer At(int place) => ref _customers[place];

    public bool TryFind(IdKey key, out UnmergedCustomer customer)
    {
        lock (_gate)
        {
            var place = PlaceOf(key);
            customer = place < 0 ? default : _customers[place];
            return place >= 0;
        }
    }

    public UnmergedCustomer Read(int place)
    {
        lock (_gate)
        {
            return _customers[place];
        }
    }

    /// <summary>The id at a place that was counted before; it never changes, so nobody waits.</summary>
    public IdKey KeyAt(int place)
    {
        ref readonly var customer = ref _customers[place];
        return new IdKey(_ids.At(customer.IdStart, customer.IdBytes), customer.Hash);
    }

    /// <summary>The id of a customer that was read from here.</summary>
    public ReadOnlySpan<byte> IdOf(ref readonly UnmergedCustomer customer) => _ids.At(customer.IdStart, customer.IdBytes);

    /// <summary>
    /// Copies the places and customers of one block that are due by then. Returns a moment before which nobody else in the block is due,
    /// or null when there is no such block.
    /// </summary>
    public long? ReadDue(int block, long untilMilliseconds, List<(int Place, UnmergedCustomer Customer)> due)
    {
        lock (_gate)
        {
            if (block >= _customers.Blocks)
            {
                return null;
            }

            ref var earliest = ref _customers.EarliestDue(block);
            return earliest > untilMilliseconds ? earliest : ReadDue(block, untilMilliseconds, due, out earliest);
        }
    }

    /// <param name="places">Where the customers stand in here, -1 for not at all; empty when that is not known.</param>
    public void Apply(CommittedPlace commit, CommitContent content, ReadOnlySpan<int> places)
    {
        Span<int> found = stackalloc int[TogetherMax];
        for (int start = 0, count; start < content.Customers.Length; start += count)
        {
            count = Math.Min(TogetherMax, content.Customers.Length - start);
            if (places.IsEmpty)
            {
                PlacesOf(content.KeysOf(start, count), found);
            }

            lock (_gate)
            {
                for (var index = 0; index < count; index++)
                {
                    Put(content, start + index, places.IsEmpty ? found[index] : places[start + index]);
                }
            }
        }

        for (var index = 0; index < content.Transitions.Count; index++)
        {
            _transitions.Add(content.Transitions[index]);
        }

        if (_begunAt == 0)
        {
            Volatile.Write(ref _begunAt, Stopwatch.GetTimestamp());
        }

        Totals = content.TotalsAfter;
        LastCommitNumber = commit.Number;
        Volatile.Write(ref _changes, _changes + content.Customers.Length);
        Volatile.Write(ref _bytes, _bytes + commit.Bytes);
    }

    private void Put(CommitContent content, int index, int place)
    {
        ref readonly var later = ref content.Customers[index];
        var hadMoved = false;
        var isNew = place < 0;
        if (isNew)
        {
            place = Add(in later, content.KeyOf(in later));
        }

        ref var customer = ref _customers[place];
        if (!isNew)
        {
            hadMoved = customer.HasMoved;
            customer.Follow(in later);
        }

        if (!hadMoved && customer.HasMoved)
        {
            _moved.Add(place);
        }

        _customers.LowerEarliestDue(place, later.DueAtMilliseconds ?? long.MaxValue);
    }

    private int Add(ref readonly UnmergedCustomer customer, IdKey key)
    {
        if (_slots.IsFull)
        {
            _slots.Reset(_customers.Count * 2);
            for (var other = 0; other < _customers.Count; other++)
            {
                _slots.Add(_customers[other].Hash, other);
            }
        }

        var copy = customer;
        copy.IdStart = _ids.Add(key.Utf8);
        var place = _customers.Add(in copy);
        _slots.Add(key.Hash, place);
        Volatile.Write(ref _count, _customers.Count);
        return place;
    }

    private bool IsOf(ref readonly UnmergedCustomer customer, IdKey key) =>
        customer.Hash == key.Hash && _ids.At(customer.IdStart, customer.IdBytes).SequenceEqual(key.Utf8);

    private long ReadDue(int block, long untilMilliseconds, List<(int Place, UnmergedCustomer Customer)> due, out long earliest)
    {
        var next = long.MaxValue;
        earliest = long.MaxValue;
        var customers = _customers.Block(block);
        for (var index = 0; index < customers.Length; index++)
        {
            if (customers[index].DueAtMilliseconds is not { } at)
            {
                continue;
            }

            earliest = Math.Min(earliest, at);
            if (at <= untilMilliseconds)
            {
                due.Add(((block * CustomerBlocks.CustomersPerBlock) + index, customers[index]));
            }
            else
            {
                next = Math.Min(next, at);
            }
        }

        return next;
    }
}
