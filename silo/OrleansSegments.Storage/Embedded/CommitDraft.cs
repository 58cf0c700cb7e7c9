using System.Collections.Frozen;
using System.Runtime.InteropServices;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// The customers of one commit while it is assembled: each once, with all transitions and the resulting totals. It starts from committed
/// data, so a draft that cannot be made durable is simply dropped. Only for the commit thread.
/// </summary>
internal sealed class CommitDraft(StoreFiles files, StoreMemory memory)
{
    private readonly Dictionary<string, int> _indexById = new(StringComparer.Ordinal);
    private readonly List<DraftCustomer> _customers = [];
    private readonly List<(Transition Transition, long Previous)> _transitions = [];
    private readonly Dictionary<int, long> _sizes = [];
    private SegmentTotals _before = SegmentTotals.Empty;
    private long _latestOccurred;

    /// <summary>All customers that were looked up; those with <see cref="DraftCustomer.IsChanged"/> must be written.</summary>
    public ReadOnlySpan<DraftCustomer> Customers => CollectionsMarshal.AsSpan(_customers);

    /// <summary>Each with the same customer's previous one, 0 for none.</summary>
    public ReadOnlySpan<(Transition Transition, long Previous)> Transitions => CollectionsMarshal.AsSpan(_transitions);

    /// <summary>The changes with <see cref="CustomerChange.Messages"/>.</summary>
    public List<CustomerChange> Spilling { get; } = [];

    /// <summary>The days on which those messages expire.</summary>
    public HashSet<uint> MessageDays { get; } = [];

    /// <summary>The changes with <see cref="CustomerChange.Traits"/>, in the order in which they were handed in.</summary>
    public List<CustomerChange> Indexing { get; } = [];

    /// <summary>
    /// When the first message that expires on a new day arrives (for its writer that day is tomorrow), the days before yesterday are
    /// deleted; otherwise 0.
    /// </summary>
    public uint OldestDayKept => Newest(MessageDays) is var newest && newest > Newest(memory.MessageDays) ? Math.Max(newest, 2) - 2 : 0;

    public bool IsEmpty { get; private set; } = true;

    public void Begin()
    {
        _indexById.Clear();
        _customers.Clear();
        _transitions.Clear();
        Spilling.Clear();
        Indexing.Clear();
        MessageDays.Clear();
        _sizes.Clear();
        IsEmpty = true;
        _before = memory.Totals.Current;
        _latestOccurred = _before.LatestOccurredAtMilliseconds;
        foreach (var (segmentId, size) in _before.SizeBySegmentId)
        {
            _sizes[segmentId] = size;
        }
    }

    /// <summary>Adds a change if its expected version matches; returns false on a conflict.</summary>
    public bool TryChange(CustomerChange change)
    {
        ref var customer = ref Find(change);
        if (!IsBaseOf(in customer.Row, change))
        {
            return false;
        }

        if (change.IsTransition)
        {
            Move(ref customer, change);
        }

        if (change.Messages.Length > 0)
        {
            Spilling.Add(change);
            MessageDays.UnionWith(change.Messages.Select(MessageRow.DayOf));
        }

        if (change.Traits.Length > 0)
        {
            Indexing.Add(change);
        }

        customer.Record = change.Record;
        customer.Row.Set(change.Record);
        SetDue(ref customer, change.DueAtMilliseconds);
        _latestOccurred = Math.Max(_latestOccurred, change.OccurredAtMilliseconds);
        return true;
    }

    /// <summary>Adds a deadline unless the customer has a newer record.</summary>
    /// <param name="isExact">True to list the customer at exactly this deadline, no longer earlier.</param>
    public void TryChangeDeadline(DeadlineUpdate update, bool isExact)
    {
        if (!_indexById.TryGetValue(update.CustomerId, out var index))
        {
            index = Add(update.CustomerId, memory.Recent.HashOf(update.CustomerId), ReadRow(update.CustomerId));
        }

        ref var customer = ref CollectionsMarshal.AsSpan(_customers)[index];
        if (!customer.Row.Exists || customer.Row.Version != update.Version)
        {
            return;
        }

        if (customer.Record is null && customer.Stored is null)
        {
            customer.Stored = ReadRow(update.CustomerId);
            customer.Row = CustomerRow.Of(customer.Stored);
        }

        SetDue(ref customer, update.DueAtMilliseconds);
        customer.Row.Listed = isExact ? customer.Row.Due : customer.Row.Listed;
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
        return new SegmentTotals(_transitions[^1].Transition.Sequence, sizes.Values.Sum(), sizes, _latestOccurred);
    }

    /// <summary>
    /// Looks in this draft, then in the recent rows, and reads the database only when those have no entry or an entry that does not match.
    /// </summary>
    private ref DraftCustomer Find(CustomerChange change)
    {
        if (!_indexById.TryGetValue(change.CustomerId, out var index))
        {
            var hash = memory.Recent.HashOf(change.CustomerId);
            index = memory.Recent.TryGet(hash, out var recent) && IsBaseOf(in recent, change)
                ? Add(change.CustomerId, hash, recent)
                : Add(change.CustomerId, hash, ReadRow(change.CustomerId));
        }

        return ref CollectionsMarshal.AsSpan(_customers)[index];
    }

    private int Add(string id, ulong hash, byte[]? stored) => Add(id, hash, stored is null ? CustomerRow.Absent : CustomerRow.Of(stored), stored);

    private int Add(string id, ulong hash, in CustomerRow row, byte[]? stored = null)
    {
        _customers.Add(new DraftCustomer { Id = id, Hash = hash, Before = row, Row = row, Stored = stored });
        _indexById.Add(id, _customers.Count - 1);
        return _customers.Count - 1;
    }

    private byte[]? ReadRow(string id)
    {
        var database = files.ForCommits;
        return database.Find(Keys.Customer(id, stackalloc byte[Keys.BytesMax]), database.Customers);
    }

    private void SetDue(ref DraftCustomer customer, long? dueAtMilliseconds)
    {
        customer.Row.Due = dueAtMilliseconds ?? CustomerRow.Never;
        customer.Row.Listed = Math.Min(customer.Before.Listed, customer.Row.Due);
        customer.IsChanged = true;
        IsEmpty = false;
    }

    private void Move(ref DraftCustomer customer, CustomerChange change)
    {
        var (from, to) = (change.LeftSegmentId, change.Record.SegmentId);
        if (from is { } left)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_sizes, left, out _)--;
        }

        if (change.Record.IsInPopulation)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_sizes, to, out _)++;
        }

        var sequence = _before.Sequence + _transitions.Count + 1;
        _transitions.Add((
            new Transition(sequence, change.CustomerId, from, to, change.Cause, change.Record.ModelVersion, change.OccurredAtMilliseconds),
            customer.Row.LastTransition));
        customer.Row.LastTransition = sequence;
    }

    private static uint Newest(IEnumerable<uint> days) => days.Where(day => day != MessageRow.ForeverDay).DefaultIfEmpty().Max();

    private static bool IsBaseOf(in CustomerRow row, CustomerChange change) =>
        row.Version == change.Record.Version - 1 && row.SegmentIdOrNull == change.PreviousSegmentId;
}

/// <summary>One customer of a commit.</summary>
internal struct DraftCustomer
{
    public string Id;
    public ulong Hash;

    /// <summary>The committed row.</summary>
    public CustomerRow Before;

    /// <summary>The row after this commit.</summary>
    public CustomerRow Row;

    /// <summary>The newest record; null when only the deadline changes.</summary>
    public CustomerRecord? Record;

    /// <summary>The row as read from the database, if it was read; the state is taken from it when there is no record.</summary>
    public byte[]? Stored;

    public bool IsChanged;

    public readonly ReadOnlySpan<byte> State => Record is { } record ? record.State : Stored.AsSpan(CustomerRow.Bytes);
}
