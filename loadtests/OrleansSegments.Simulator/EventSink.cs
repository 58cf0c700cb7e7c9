namespace OrleansSegments.Simulator;

/// <summary>Collects the events being written: assigns each an id, a delivery time and, rarely, a second delivery.</summary>
internal sealed class EventSink(SimulationOptions options, int partitions)
{
    private readonly string?[] _customerIds = new string?[((options.Customers - 1) / partitions) + 1];
    private CounterRandom _messages;
    private CounterRandom _deliveries;
    private int _customer;
    private ReadOnlyMemory<byte> _context;

    public List<SimulatedEvent> Events { get; } = [];

    public PayloadArena Arena { get; } = new();

    /// <param name="customer">The shopper of the following events.</param>
    /// <param name="key">A number unique to this action of this shopper.</param>
    /// <param name="context">The context of the events that follow.</param>
    public void Begin(int customer, long key, ReadOnlyMemory<byte> context)
    {
        _customer = customer;
        _context = context;
        _messages = new CounterRandom(options.Seed, customer, key, RandomStream.Message);
        _deliveries = new CounterRandom(options.Seed, customer, key, RandomStream.Delivery);
    }

    public void Add(SimulatedEventType type, string name, long occurredTicks, int payloadBytes)
    {
        ReadOnlyMemory<byte> payload = Arena.Keep(payloadBytes);
        Guid id = NextId();
        bool prompt = type == SimulatedEventType.Identify;
        long delivered = DeliverySchedule.First(ref _deliveries, occurredTicks, prompt ? 0 : options.LateShare);
        Append(type, name, occurredTicks, prompt ? occurredTicks : delivered, payload, id);
        if (!prompt && _deliveries.NextChance(options.DuplicateShare))
        {
            Append(type, name, occurredTicks, DeliverySchedule.Second(ref _deliveries, delivered), payload, id);
        }
    }

    private void Append(SimulatedEventType type, string name, long occurredTicks, long deliveredTicks, ReadOnlyMemory<byte> payload, Guid id) =>
        Events.Add(new SimulatedEvent
        {
            CustomerIndex = _customer,
            CustomerId = _customerIds[_customer / partitions] ??= Simulation.CustomerId(_customer),
            MessageId = id,
            Type = type,
            Name = name,
            OccurredAt = new DateTimeOffset(occurredTicks, TimeSpan.Zero),
            DeliveredAt = new DateTimeOffset(deliveredTicks, TimeSpan.Zero),
            Properties = payload,
            Context = _context,
        });

    /// <summary>A version 8 (custom) UUID from 122 pseudo-random bits.</summary>
    private Guid NextId()
    {
        ulong high = _messages.Next();
        ulong low = _messages.Next();
        return new Guid(
            (uint)(high >> 32), (ushort)(high >> 16), (ushort)((high & 0x0FFF) | 0x8000),
            (byte)(((low >> 56) & 0x3F) | 0x80), (byte)(low >> 48), (byte)(low >> 40), (byte)(low >> 32),
            (byte)(low >> 24), (byte)(low >> 16), (byte)(low >> 8), (byte)low);
    }
}

/// <summary>When an event reaches the server: mostly within seconds, a few late, a few twice.</summary>
internal static class DeliverySchedule
{
    public const double LateMinutesMin = 2;
    public const double LateMinutesMax = 20 * 60;
    private const int PromptMillisecondsMax = 5_000;
    private const int RetryMillisecondsMax = 10 * 60 * 1_000;

    /// <summary>The first delivery, in ticks. Delays of late events are log-uniform.</summary>
    public static long First(ref CounterRandom random, long occurredTicks, double lateShare)
    {
        if (!random.NextChance(lateShare))
        {
            return occurredTicks + (random.NextBelow(PromptMillisecondsMax) * TimeSpan.TicksPerMillisecond);
        }

        double minutes = LateMinutesMin * Math.Pow(LateMinutesMax / LateMinutesMin, random.NextUniform());
        return occurredTicks + ((long)(minutes * 60_000) * TimeSpan.TicksPerMillisecond);
    }

    /// <summary>The second delivery of a duplicate, in ticks: a client's retry within ten minutes.</summary>
    public static long Second(ref CounterRandom random, long firstTicks) =>
        firstTicks + ((1 + random.NextBelow(RetryMillisecondsMax)) * TimeSpan.TicksPerMillisecond);
}

/// <summary>
/// Allocates payloads from 64 KiB chunks, one allocation per some hundred events. Chunks are never reused, so readers may keep payloads.
/// </summary>
internal sealed class PayloadArena
{
    /// <summary>Above the largest payload: an order of 16 items takes less than 2 KiB.</summary>
    public const int PayloadBytesMax = 4096;

    private const int ChunkBytes = 64 * 1024;
    private byte[] _chunk = [];
    private int _used;

    public Span<byte> Reserve()
    {
        if (_chunk.Length - _used < PayloadBytesMax)
        {
            _chunk = GC.AllocateUninitializedArray<byte>(ChunkBytes);
            _used = 0;
        }

        return _chunk.AsSpan(_used, PayloadBytesMax);
    }

    public ReadOnlyMemory<byte> Keep(int bytes)
    {
        var kept = new ReadOnlyMemory<byte>(_chunk, _used, bytes);
        _used += bytes;
        return kept;
    }
}
