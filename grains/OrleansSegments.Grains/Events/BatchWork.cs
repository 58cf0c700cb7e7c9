using System.Runtime.InteropServices;
using Microsoft.Extensions.ObjectPool;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Events;
using OrleansSegments.Grains.Catalogues;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// The lists that one batch needs, pooled for reuse. Those of a large batch are on the large object heap, which is rarely collected; new
/// lists for every batch would keep the batch's objects alive until then.
/// </summary>
internal sealed class BatchWork : IResettable
{
    /// <summary>The batch's events by customer.</summary>
    public EventGroups Groups { get; } = new();

    public FactsWriter Writer { get; } = new() { Survey = new EventSurvey() };

    /// <summary>Customers still to be called, including repetitions after a conflict.</summary>
    public List<(string CustomerId, RecordRequest Request)> Waiting { get; } = [];

    /// <summary>The answers, in the order of <see cref="Waiting"/>.</summary>
    public List<ValueTask<RecordReceipt>> Calls { get; } = [];

    public List<(string CustomerId, RecordRequest Request)> Conflicts { get; } = [];

    /// <summary>The ids that turned out to be aliases of other customers.</summary>
    public List<string> MergedAway { get; } = [];

    public bool TryReset()
    {
        Groups.Clear();
        Writer.Clear();
        Waiting.Clear();
        Calls.Clear();
        Conflicts.Clear();
        MergedAway.Clear();
        return true;
    }
}

/// <summary>Pool of the batches' lists. What a batch has seen is reported when it gives them back.</summary>
public sealed class BatchWorkPool(EventReporter reporter)
{
    /// <summary>Number of pooled list sets; those of the largest batches take about 2 MB each.</summary>
    private const int KeptMax = 32;

    private readonly DefaultObjectPool<BatchWork> _pool = new(new DefaultPooledObjectPolicy<BatchWork>(), KeptMax);

    internal BatchWork Get() => _pool.Get();

    internal void Return(BatchWork work)
    {
        reporter.Take(work.Writer);
        _pool.Return(work);
    }
}

/// <summary>
/// Groups a batch's events by customer. Groups are numbered in the order of the customers' first events. Each is a linked list through one
/// shared array of event indices, so a customer with a single event, the common case, needs no list.
/// </summary>
internal sealed class EventGroups
{
    private const int End = -1;

    private readonly Dictionary<string, int> _groupByCustomerId = new(StringComparer.Ordinal);
    private readonly List<(int First, int Last)> _groups = [];
    private int[] _next = [];

    public int Count => _groups.Count;

    /// <summary>Reserves room for a batch of so many events; the instance must be empty.</summary>
    public void Reserve(int events)
    {
        _groupByCustomerId.EnsureCapacity(events);
        if (_next.Length < events)
        {
            _next = new int[events];
        }
    }

    public void Clear()
    {
        _groupByCustomerId.Clear();
        _groups.Clear();
    }

    /// <summary>Appends an event, by its index in the batch, to its customer's group.</summary>
    public void Add(string customerId, int index)
    {
        _next[index] = End;
        ref int group = ref CollectionsMarshal.GetValueRefOrAddDefault(_groupByCustomerId, customerId, out bool isKnown);
        if (!isKnown)
        {
            group = _groups.Count;
            _groups.Add((index, index));
            return;
        }

        ref (int First, int Last) chain = ref CollectionsMarshal.AsSpan(_groups)[group];
        _next[chain.Last] = index;
        chain.Last = index;
    }

    /// <summary>The index of a group's first event.</summary>
    public int First(int group) => _groups[group].First;

    /// <summary>The place of a customer's first event; negative when it has none.</summary>
    public int FirstOf(string customerId) => _groupByCustomerId.TryGetValue(customerId, out int group) ? _groups[group].First : End;

    /// <summary>The place of the next event of the same customer; negative when there is none.</summary>
    public int Next(int index) => _next[index];
}

/// <summary>
/// Splits a batch's events by the silo on which their customers are placed. A message between silos costs as much as applying dozens of
/// events; with shares a batch takes one message per silo, without them one per customer.
/// </summary>
internal sealed class BatchShares
{
    /// <summary>With fewer events a silo gets no share: its customers are called from here.</summary>
    public const int EventsMin = 4;

    private readonly CustomerEvent[] _events;
    private readonly List<int>[] _indices;

    /// <param name="silos">All silos, including this one.</param>
    public BatchShares(CustomerEvent[] events, SiloView silos)
    {
        _events = events;
        _indices = new List<int>[silos.Silos.Length];
        for (int silo = 0; silo < _indices.Length; silo++)
        {
            _indices[silo] = [];
        }

        for (int index = 0; index < events.Length; index++)
        {
            _indices[silos.OwnerOf(events[index].CustomerId)].Add(index);
        }

        List<int> own = _indices[silos.SelfIndex];
        foreach (List<int> share in _indices.Where(share => share != own && share.Count < EventsMin))
        {
            own.AddRange(share);
            share.Clear();
        }
    }

    /// <summary>The events of one silo, each customer's in the order of the batch; empty when there are none.</summary>
    public CustomerEvent[] EventsOf(int silo) => [.. _indices[silo].Select(index => _events[index])];

    /// <summary>Merges the receipts: acknowledged when every share is, and rejected events have their index in the batch.</summary>
    /// <param name="receipts">In the order of the silos; null for a silo without events.</param>
    public RouteReceipt Join(RouteReceipt?[] receipts)
    {
        RouteStatus worst = RouteStatus.Durable;
        int accepted = 0;
        int duplicates = 0;
        var rejected = new List<EventRejection>();
        for (int silo = 0; silo < receipts.Length; silo++)
        {
            if (receipts[silo] is { } receipt)
            {
                worst = receipt.Status > worst ? receipt.Status : worst;
                accepted += receipt.Accepted;
                duplicates += receipt.Duplicates;
                rejected.AddRange(receipt.Rejected.Select(refused => refused with { Index = _indices[silo][refused.Index] }));
            }
        }

        CollectionsMarshal.AsSpan(rejected).Sort(static (left, right) => left.Index.CompareTo(right.Index));
        return new RouteReceipt(worst, accepted, duplicates, [.. rejected]);
    }
}
