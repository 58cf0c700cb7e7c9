using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Orleans;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// The customers that are active on this silo, by id, with a way to call them without their mailbox. A customer is listed from the end of
/// its activation until its deactivation begins. Callers run on their own thread; the grain's lock, which its turns take too, serializes
/// the calls. A closing or stale grain refuses; then, and for customers not listed, an ordinary grain call does the same work. Orleans does
/// not see direct calls, so the grain tells the activation collector that it is in use (see <see cref="CustomerGrain"/>). Reasons and cost:
/// docs/decisions/0013-direct-door.md.
/// </summary>
public sealed class DirectDoor
{
    /// <summary>Customers prefetched together before they are called; their data must fit into the L1 and L2 caches.</summary>
    public const int TogetherMax = 64;

    private readonly ConcurrentDictionary<string, CustomerGrain> _active = new(StringComparer.Ordinal);

    /// <summary>Number of customers in memory.</summary>
    public int Count => _active.Count;

    /// <summary>Sink for the prefetched bytes, so that the compiler does not remove the reads.</summary>
    internal int Fetched { get; private set; }

    internal void Enter(string customerId, CustomerGrain grain) => _active[customerId] = grain;

    internal void Leave(string customerId, CustomerGrain grain) => _active.TryRemove(new(customerId, grain));

    internal bool TryFind(string customerId, [NotNullWhen(true)] out CustomerGrain? grain) => _active.TryGetValue(customerId, out grain);

    /// <summary>
    /// Starts recording the facts of many customers; the answers are added in their order. Returns how many needed no grain call. States are prefetched in groups: without that,
    /// each call would wait for about six cache misses, a tenth of the cost of an event.
    /// </summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "The caller awaits each call once.")]
    internal int Record(IGrainFactory grains, List<(string CustomerId, RecordRequest Request)> customers, long timestamp, List<ValueTask<RecordReceipt>> answers)
    {
        int direct = 0;
        var found = new CustomerGrain?[Math.Min(TogetherMax, customers.Count)];
        for (int start = 0; start < customers.Count; start += TogetherMax)
        {
            ReadOnlySpan<(string CustomerId, RecordRequest Request)> together =
                CollectionsMarshal.AsSpan(customers).Slice(start, Math.Min(TogetherMax, customers.Count - start));
            for (int i = 0; i < together.Length; i++)
            {
                _active.TryGetValue(together[i].CustomerId, out found[i]);
            }

            Fetch(found.AsSpan(0, together.Length));
            for (int i = 0; i < together.Length; i++)
            {
                (string customerId, RecordRequest request) = together[i];
                if (found[i] is { } grain && grain.TryRecord(request, timestamp, out ValueTask<RecordReceipt> receipt))
                {
                    answers.Add(receipt);
                    direct++;
                }
                else
                {
                    answers.Add(grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customerId)).Record(request));
                }
            }
        }

        return direct;
    }

    private void Fetch(ReadOnlySpan<CustomerGrain?> found)
    {
        int fetched = 0;
        foreach (CustomerGrain? grain in found)
        {
            fetched ^= grain?.StateBytes ?? 0;
        }

        foreach (CustomerGrain? grain in found)
        {
            fetched ^= grain?.FetchState() ?? 0;
        }

        Fetched = fetched;
    }
}

/// <summary>
/// Decides when a customer called through the direct door must tell Orleans' activation collector that it is in use, because Orleans only
/// counts calls through the mailbox. Costs eight bytes per grain and one queued action every few minutes of use.
/// </summary>
internal struct DoorUse()
{
    /// <summary>How long the collector then keeps the customer in memory: Orleans' default collection age.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan TellInterval = KeepFor / 3;

    /// <summary>A <see cref="Stopwatch"/> timestamp; initially that of the activation, which the collector knows of.</summary>
    public long ToldAt { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>Returns true once per interval of use.</summary>
    public bool MustTell(long timestamp)
    {
        if (Stopwatch.GetElapsedTime(ToldAt, timestamp) < TellInterval)
        {
            return false;
        }

        ToldAt = timestamp;
        return true;
    }
}
