using System.Globalization;
using OrleansSegments.Contracts.Events;
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

/// <summary>
/// Draws customers uniformly, or by Zipf's law with exponent 1, where the k-th customer has 1/k of the first one's share.
/// </summary>
internal sealed class KeyChoice
{
    private readonly int _customers;
    private readonly double[]? _cumulative;
    private readonly int[]? _first;
    private ulong _state;

    public KeyChoice(int customers, bool isZipf, ulong seed)
    {
        _customers = customers;
        _state = seed;
        if (isZipf)
        {
            _cumulative = CumulativeOf(customers);
            _first = FirstOf(_cumulative);
        }
    }

    public int Next()
    {
        // SplitMix64 (Steele, Lea, Flood 2014).
        ulong value = _state += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        value ^= value >> 31;
        return _cumulative is null ? (int)(((value >> 32) * (ulong)_customers) >> 32) : Rank((value >> 11) * (1.0 / (1UL << 53)));
    }

    private int Rank(double drawn)
    {
        // A guide table (Chen and Asau 1974) gives the starting point; the search from there takes a step or two.
        int rank = _first![(int)(drawn * _first.Length)];
        while (_cumulative![rank] < drawn)
        {
            rank++;
        }

        return rank;
    }

    private static double[] CumulativeOf(int customers)
    {
        double[] cumulative = new double[customers];
        double sum = 0;
        for (int rank = 0; rank < customers; rank++)
        {
            sum += 1.0 / (rank + 1);
            cumulative[rank] = sum;
        }

        for (int rank = 0; rank < customers; rank++)
        {
            cumulative[rank] /= sum;
        }

        cumulative[^1] = 1;
        return cumulative;
    }

    private static int[] FirstOf(double[] cumulative)
    {
        int[] first = new int[cumulative.Length];
        int rank = 0;
        for (int slot = 0; slot < first.Length; slot++)
        {
            while (cumulative[rank] < (double)slot / first.Length)
            {
                rank++;
            }

            first[slot] = rank;
        }

        return first;
    }
}
