using OrleansSegments.Simulator.Randomness;

namespace OrleansSegments.Simulator.Events;

/// <summary>Collects the events of what is being written now: gives each its id, its delivery and, rarely, a second delivery.</summary>
internal sealed class EventSink(SimulationOptions options, int partitions)
{
    private readonly string?[] _customerIds = new string?[((options.Customers - 1) / partitions) + 1];
    private CounterRandom _messages;
    private CounterRandom _deliveries;
    private int _customer;
    private ReadOnlyMemory<byte> _context;

    public List<SimulatedEvent> Events { get; } = [];

    public PayloadArena Arena { get; } = new();

    /// <param name="customer">Whose events follow.</param>
    /// <param name="key">A number that only this item of this shopper has.</param>
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
