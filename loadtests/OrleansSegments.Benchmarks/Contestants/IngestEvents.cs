using System.Globalization;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Silo.Demo;
using OrleansSegments.Simulator;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>
/// Events of many customers without the cost of simulating them: a thousand simulated shoppers lend their events, and each customer
/// repeats what its shopper does, with message ids and times of its own. One thread at a time.
/// </summary>
internal sealed class IngestEvents
{
    private const int Shoppers = 1_000;
    private const int Days = 30;
    private const ulong Seed = 20260;

    /// <summary>Enough of each shopper to tell one from another; few enough to stay in the processor's caches, where an event is that just came in.</summary>
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

    /// <summary>The same customers drawn by Zipf's law; message ids go on where nobody else's are.</summary>
    public IngestEvents AsZipf() => new(_templates, _ids, isZipf: true, firstNumber: 1UL << 60);

    public int Customers => _ids.Length;

    public string IdOf(int customer) => _ids[customer];

    /// <summary>The customer whose event comes next.</summary>
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

    /// <summary>A batch of customers as they are drawn.</summary>
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
