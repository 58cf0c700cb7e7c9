using System.Buffers;
using OrleansSegments.Simulator;
using OrleansSegments.Simulator.Events;

namespace OrleansSegments.EndToEndTests.Crashes;

/// <summary>The events of simulated shoppers as request bodies, each event in exactly one of them.</summary>
internal sealed class ShopperBatches
{
    /// <summary>Below the 256 message ids that a customer is sure to be remembered by, so that a repeat of everything must change nothing.</summary>
    public const int CustomerEventsMax = 200;

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
        var counts = new Dictionary<string, int>();
        var batches = new List<EventBatch>();
        var body = new BatchBody();
        foreach (SimulatedEvent simulated in new Simulation(options).Partition().Events())
        {
            int count = counts.GetValueOrDefault(simulated.CustomerId);
            if (count == CustomerEventsMax || !seen.Add(simulated.MessageId))
            {
                continue;
            }

            counts[simulated.CustomerId] = count + 1;
            body.Add(simulated);
            if (body.Count == batchEvents)
            {
                batches.Add(body.Take());
            }
        }

        if (body.Count > 0)
        {
            batches.Add(body.Take());
        }

        return new ShopperBatches(batches);
    }

    private sealed class BatchBody
    {
        private ArrayBufferWriter<byte> _bytes = new();
        private Dictionary<string, int> _eventsByCustomer = [];

        public int Count { get; private set; }

        public void Add(in SimulatedEvent simulated)
        {
            _bytes.Write(Count++ == 0 ? "{\"batch\":["u8 : ","u8);
            SegmentJson.WriteEvent(simulated, _bytes);
            _eventsByCustomer[simulated.CustomerId] = _eventsByCustomer.GetValueOrDefault(simulated.CustomerId) + 1;
        }

        public EventBatch Take()
        {
            _bytes.Write("]}"u8);
            var batch = new EventBatch(_bytes.WrittenMemory, Count, _eventsByCustomer);
            (_bytes, _eventsByCustomer, Count) = (new ArrayBufferWriter<byte>(), [], 0);
            return batch;
        }
    }
}
