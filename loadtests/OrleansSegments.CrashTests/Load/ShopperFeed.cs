using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using OrleansSegments.Simulator;

namespace OrleansSegments.CrashTests.Load;

/// <summary>
/// Batch after batch of simulated shoppers' events and of visits of this very hour, each event in exactly one batch. Half of the shoppers are there from the beginning, the
/// others come little by little, with all that they did before. Equal seeds and moments give equal batches. Safe to use from several senders
/// at once.
/// </summary>
public sealed class ShopperFeed
{
    private const int Days = 300;
    private const int RefillEvents = 2_000;

    /// <summary>New shoppers with each refill, as a share of all.</summary>
    private const double ComingShare = 0.02;

    /// <summary>Shoppers with visits in each refill, as a share of those who have come.</summary>
    private const double VisitorShare = 0.08;

    private const int VisitsMax = 12;

    /// <summary>The visits of one shopper lie within so much time before now.</summary>
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

    /// <param name="seed">Repeats the events of an earlier run but for their date.</param>
    /// <param name="time">All simulated events lie before now, the visits shortly before the moment at which their batch is made.</param>
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
    /// <exception cref="InvalidOperationException">The simulated days are used up.</exception>
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

    /// <summary>Visits stand anywhere among the other events, which arrive late because they are older.</summary>
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

/// <summary>
/// Visits of this very hour, and a feature that forgets them within the hour. The built-in features move over days; with this one, customers
/// come due while a run of some minutes watches.
/// </summary>
internal static class LiveVisits
{
    private const string EventName = "Live Visit";

    /// <summary>The shortest half-life that a catalogue may name, about a quarter of an hour.</summary>
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

    /// <summary>One visit. Its time stands in it, so that it is the same whenever it arrives.</summary>
    public static BatchedEvent Make(string customerId, string messageId, DateTimeOffset at) => new(customerId, Encoding.UTF8.GetBytes(
        $"{{\"type\":\"track\",\"event\":\"{EventName}\",\"userId\":\"{customerId}\",\"messageId\":\"{messageId}\","
        + $"\"timestamp\":\"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}Z\"}}"));
}
