using System.Globalization;
using OrleansSegments.Contracts.Events;
using OrleansSegments.LoadGenerator;
using OrleansSegments.Simulator;
using OrleansSegments.Tools.Demo;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>
/// Events of many customers without the cost of simulating them: each customer repeats the events of one of a thousand simulated shoppers,
/// with its own message ids and times. Use from one thread at a time.
/// </summary>
internal sealed class IngestEvents
{
    private const int Shoppers = 1_000;
    private const int Days = 30;
    private const ulong Seed = 20260;

    /// <summary>
    /// Enough events to distinguish the shoppers; few enough to stay in the processor's caches, where a newly received event would be.
    /// </summary>
    private const int EventsPerShopperMax = 12;

    private readonly CustomerEvent[][] _templates;
    private readonly string[] _ids;
    private readonly KeyChoice _keys;
    private ulong _sent;

    private IngestEvents(CustomerEvent[][] templates, string[] ids, bool isZipf, ulong firstNumber)
    {
        _templates = templates;
        _ids = ids;
        _keys = new KeyChoice(ids.Length, isZipf, Seed);
        _sent = firstNumber;
    }

    public static IngestEvents Uniform(int customers) => new(
        Lend(),
        [.. Enumerable.Range(0, customers).Select(i => string.Create(CultureInfo.InvariantCulture, $"customer-{i:d8}"))],
        isZipf: false,
        firstNumber: 0);

    /// <summary>The same customers drawn by Zipf's law, with a separate range of message ids.</summary>
    public IngestEvents AsZipf() => new(_templates, _ids, isZipf: true, firstNumber: 1UL << 60);

    public int Customers => _ids.Length;

    public string IdOf(int customer) => _ids[customer];

    /// <summary>Draws the next customer.</summary>
    public int Draw() => _keys.Next();

    /// <summary>One event of the given customer at the given moment, Unix milliseconds.</summary>
    public CustomerEvent Of(int customer, long atMilliseconds)
    {
        CustomerEvent[] own = _templates[customer % _templates.Length];
        ulong number = _sent++;
        return own[number % (ulong)own.Length] with
        {
            CustomerId = _ids[customer],
            MessageId = number.ToString("x16", CultureInfo.InvariantCulture),
            OccurredAtMilliseconds = atMilliseconds,
        };
    }

    /// <summary>A batch for randomly drawn customers.</summary>
    public EventBatch Draw(int events, long atMilliseconds)
    {
        var batch = new CustomerEvent[events];
        for (int i = 0; i < events; i++)
        {
            batch[i] = Of(_keys.Next(), atMilliseconds);
        }

        return new EventBatch(batch);
    }

    private static CustomerEvent[][] Lend()
    {
        var lent = new List<CustomerEvent>[Shoppers];
        foreach (SimulatedEvent simulated in new Simulation(new SimulationOptions { Customers = Shoppers, Days = Days }).Partition().Events())
        {
            List<CustomerEvent> own = lent[simulated.CustomerIndex] ??= [];
            if (own.Count < EventsPerShopperMax)
            {
                own.Add(ShopperSource.Convert(simulated));
            }
        }

        return [.. lent.Where(own => own is not null).Select(own => own.ToArray())];
    }
}
