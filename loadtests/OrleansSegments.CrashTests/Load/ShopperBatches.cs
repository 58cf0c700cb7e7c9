using System.Buffers;
using OrleansSegments.Simulator;

namespace OrleansSegments.CrashTests.Load;

/// <summary>The events of simulated shoppers as request bodies, each event in exactly one of them.</summary>
public sealed class ShopperBatches
{
    private ShopperBatches(List<EventBatch> batches)
    {
        All = batches;
        CustomerIds = [.. batches.SelectMany(b => b.EventsByCustomer.Keys).Distinct().Order(StringComparer.Ordinal)];
    }

    public IReadOnlyList<EventBatch> All { get; }

    public IReadOnlyList<string> CustomerIds { get; }

    public static ShopperBatches Make(ulong seed, int customers, int days, int batchEvents)
    {
        var options = new SimulationOptions { Customers = customers, Seed = seed, Days = days };
        var seen = new HashSet<Guid>();
        var events = new List<BatchedEvent>();
        foreach (SimulatedEvent simulated in new Simulation(options).Partition().Events())
        {
            if (seen.Add(simulated.MessageId))
            {
                events.Add(ToBatched(simulated));
            }
        }

        return new ShopperBatches(EventBatch.Split(events, batchEvents));
    }

    internal static BatchedEvent ToBatched(in SimulatedEvent simulated)
    {
        var json = new ArrayBufferWriter<byte>();
        SegmentJson.WriteEvent(simulated, json);
        return new BatchedEvent(simulated.CustomerId, json.WrittenMemory);
    }
}
