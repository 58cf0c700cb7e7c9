using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Orleans;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.Grains.Customers;

/// <summary>
/// The customers that are active on this silo, by id, and the way past their mailboxes. A customer stands here from the end of its activation
/// until the first step of its deactivation. Whoever finds it calls it on the thread that is at hand: the grain's own lock, which its turns take
/// too, keeps the calls apart. A grain that is closing or stale refuses; then, and for everybody who is not here, an ordinary grain call
/// does the same work. Orleans does not see the calls that come this way, so the grain tells its collector (see <see cref="CustomerGrain"/>).
/// docs/decisions/0013-direct-door.md says why and what it costs.
/// </summary>
public sealed class DirectDoor
{
    /// <summary>Customers whose memory is asked for together before they are called; they must fit into the processor's nearest caches.</summary>
    public const int TogetherMax = 64;

    private readonly ConcurrentDictionary<string, CustomerGrain> _active = new(StringComparer.Ordinal);

    /// <summary>Customers in memory.</summary>
    public int Count => _active.Count;

    /// <summary>Whatever was read ahead, so that reading ahead is not taken for work without a purpose.</summary>
    internal int Fetched { get; private set; }

    internal void Enter(string customerId, CustomerGrain grain) => _active[customerId] = grain;

    internal void Leave(string customerId, CustomerGrain grain) => _active.TryRemove(new(customerId, grain));

    internal bool TryFind(string customerId, [NotNullWhen(true)] out CustomerGrain? grain) => _active.TryGetValue(customerId, out grain);

    /// <summary>
    /// Begins to record the facts of many customers; the answers are added in their order. One after the other, each call would wait half a dozen times
    /// for memory that is not in the cache, a tenth of all that an event costs.
    /// </summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "Whoever begins the calls awaits each of them once.")]
    internal void Record(IGrainFactory grains, List<(string CustomerId, RecordRequest Request)> customers, long timestamp, List<ValueTask<RecordReceipt>> answers)
    {
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
                answers.Add(found[i] is { } grain && grain.TryRecord(request, timestamp, out ValueTask<RecordReceipt> receipt)
                    ? receipt
                    : grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customerId)).Record(request));
            }
        }
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
/// When a customer that is called by the direct door must tell the collector that it is in use: Orleans counts only what comes by the mailbox.
/// Eight bytes in the grain, and a queued action every few minutes of use.
/// </summary>
internal struct DoorUse()
{
    /// <summary>How long the collector then leaves the customer in memory: Orleans' own collection age.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan TellInterval = KeepFor / 3;

    /// <summary>A timestamp of <see cref="Stopwatch"/>; at first that of the activation, which the collector knows of.</summary>
    public long ToldAt { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>True once every few minutes of use.</summary>
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
