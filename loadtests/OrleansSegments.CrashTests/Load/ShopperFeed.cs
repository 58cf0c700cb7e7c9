using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.Simulator;

namespace OrleansSegments.CrashTests.Load;

/// <summary>
/// An endless sequence of batches of simulated shoppers' events and of visits in the current hour; each event is in exactly one batch. Half
/// of the shoppers exist from the start, the others appear gradually with all their past events. Equal seeds and times give equal batches.
/// Thread-safe.
/// </summary>
public sealed class ShopperFeed
{
    private const int Days = 300;
    private const int RefillEvents = 2_000;

    /// <summary>New shoppers per refill, as a share of all.</summary>
    private const double ComingShare = 0.02;

    /// <summary>Shoppers with visits per refill, as a share of those that have appeared.</summary>
    private const double VisitorShare = 0.08;

    private const int VisitsMax = 12;

    /// <summary>One shopper's visits lie within this time before now.</summary>
    private static readonly TimeSpan VisitsSince = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly int _customers;
    private readonly int _batchEvents;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly IEnumerator<SimulatedEvent> _events;
    private readonly HashSet<Guid> _seen = [];
    private readonly Dictionary<int, List<BatchedEvent>> _heldBack = [];
    private readonly Queue<EventBatch> _ready = [];
    private int _refills;

    /// <param name="seed">Repeats the events of an earlier run except for their dates.</param>
    /// <param name="time">All simulated events lie before now, the visits shortly before their batch is made.</param>
    public ShopperFeed(int seed, TimeProvider time, int customers, int batchEvents)
    {
        _customers = customers;
        _batchEvents = batchEvents;
        _time = time;
        _random = new Random(seed);
        var options = new SimulationOptions { Customers = customers, Seed = (ulong)seed, Days = Days, Start = time.GetUtcNow().AddDays(-Days - 2) };
        _events = new Simulation(options).Partition().Events().GetEnumerator();
    }

    /// <summary>The next batch.</summary>
    /// <exception cref="InvalidOperationException">Thrown when all simulated days are used up.</exception>
    public EventBatch Next()
    {
        lock (_gate)
        {
            if (_ready.Count == 0)
            {
                Refill();
            }

            return _ready.TryDequeue(out EventBatch? batch)
                ? batch
                : throw new InvalidOperationException($"All events of {_customers} shoppers in {Days} days are sent; simulate more shoppers.");
        }
    }

    private void Refill()
    {
        var events = new List<BatchedEvent>();
        foreach (int index in _heldBack.Keys.Where(HasCome).ToArray())
        {
            events.AddRange(_heldBack[index]);
            _heldBack.Remove(index);
        }

        while (events.Count < RefillEvents && _events.MoveNext())
        {
            Take(_events.Current, events);
        }

        AddVisits(events);
        _refills++;
        EventBatch.Split(events, _batchEvents).ForEach(_ready.Enqueue);
    }

    private void Take(in SimulatedEvent simulated, List<BatchedEvent> events)
    {
        if (!_seen.Add(simulated.MessageId))
        {
            return;
        }

        BatchedEvent batched = ShopperBatches.ToBatched(simulated);
        if (HasCome(simulated.CustomerIndex))
        {
            events.Add(batched);
            return;
        }

        if (!_heldBack.TryGetValue(simulated.CustomerIndex, out List<BatchedEvent>? held))
        {
            _heldBack[simulated.CustomerIndex] = held = [];
        }

        held.Add(batched);
    }

    /// <summary>Inserts visits at random positions among the other events, which then arrive late because they are older.</summary>
    private void AddVisits(List<BatchedEvent> events)
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach (int index in Enumerable.Range(0, _customers).Where(index => HasCome(index) && _random.NextDouble() < VisitorShare))
        {
            for (int visit = _random.Next(1, VisitsMax + 1); visit > 0; visit--)
            {
                DateTimeOffset at = now - (_random.NextDouble() * VisitsSince);
                BatchedEvent made = LiveVisits.Make(Simulation.CustomerId(index), $"visit-{_refills}-{index}-{visit}", at);
                events.Insert(_random.Next(events.Count + 1), made);
            }
        }
    }

    private bool HasCome(int index) => index % 2 == 0 || index / 2 < _refills * ComingShare * _customers / 2;
}

/// <summary>The events of simulated shoppers as request bodies; each event is in exactly one.</summary>
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

/// <summary>
/// Visits in the current hour, and a feature that decays within the hour. The built-in features change over days; with this one, customers
/// become due during a run of some minutes.
/// </summary>
internal static class LiveVisits
{
    private const string EventName = "Live Visit";

    /// <summary>The shortest half-life allowed in a catalogue, about a quarter of an hour.</summary>
    private const double HalfLifeDays = 0.01;

    /// <summary>Adds the feature to a catalogue.</summary>
    public static string AddTo(string catalogue)
    {
        JsonObject json = JsonNode.Parse(catalogue)!.AsObject();
        json["features"]!.AsArray().Add(new JsonObject
        {
            ["name"] = "live_visits",
            ["kind"] = "behavioural",
            ["aggregation"] = "decayedCount",
            ["events"] = new JsonArray(EventName),
            ["halfLifeDays"] = HalfLifeDays,
            ["transform"] = "log1p",
            ["weight"] = 2,
            ["unit"] = "visits",
            ["high"] = "here right now",
            ["low"] = "not here",
        });
        return json.ToJsonString();
    }

    /// <summary>One visit. It contains its own time, so it is the same whenever it arrives.</summary>
    public static BatchedEvent Make(string customerId, string messageId, DateTimeOffset at) => new(customerId, Encoding.UTF8.GetBytes(
        $"{{\"type\":\"track\",\"event\":\"{EventName}\",\"userId\":\"{customerId}\",\"messageId\":\"{messageId}\","
        + $"\"timestamp\":\"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}Z\"}}"));
}
