using System.Buffers;

namespace OrleansSegments.CrashTests.Load;

/// <summary>One request body and its events.</summary>
public sealed class EventBatch
{
    public EventBatch(IReadOnlyList<BatchedEvent> events)
    {
        Events = events;
        Body = Write(events);
        EventsByCustomer = events.GroupBy(e => e.CustomerId, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
    }

    public IReadOnlyList<BatchedEvent> Events { get; }

    public ReadOnlyMemory<byte> Body { get; }

    public IReadOnlyDictionary<string, int> EventsByCustomer { get; }

    /// <summary>Splits events into batches, in order.</summary>
    public static List<EventBatch> Split(IEnumerable<BatchedEvent> events, int batchEvents) => [.. events.Chunk(batchEvents).Select(chunk => new EventBatch(chunk))];

    private static ReadOnlyMemory<byte> Write(IReadOnlyList<BatchedEvent> events)
    {
        var body = new ArrayBufferWriter<byte>();
        for (int i = 0; i < events.Count; i++)
        {
            body.Write(i == 0 ? "{\"batch\":["u8 : ","u8);
            body.Write(events[i].Json.Span);
        }

        body.Write("]}"u8);
        return body.WrittenMemory;
    }
}

/// <summary>One event of a batch.</summary>
/// <param name="Json">The event's JSON object in UTF-8, with its own message id and timestamp.</param>
public readonly record struct BatchedEvent(string CustomerId, ReadOnlyMemory<byte> Json);
