using System.Runtime.InteropServices;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Grains.Silos;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// The events of a batch by the silo that their customers are placed on. A message between silos costs as much as applying dozens of events;
/// by shares a batch takes one for each silo, and without them one for each customer.
/// </summary>
internal sealed class BatchShares
{
    /// <summary>Fewer events are no share: their customers are called from here.</summary>
    public const int EventsMin = 4;

    private readonly CustomerEvent[] _events;
    private readonly List<int>[] _indices;

    /// <param name="silos">With the one that looks among them.</param>
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

    /// <summary>The events of one silo, each customer's in the order of the batch; empty when it has none.</summary>
    public CustomerEvent[] EventsOf(int silo) => [.. _indices[silo].Select(index => _events[index])];

    /// <summary>What became of the batch: acknowledged when every share is, and refused places are those of the batch.</summary>
    /// <param name="receipts">In the order of the silos; null for one without events.</param>
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
