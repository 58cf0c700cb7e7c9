using System.Buffers;

namespace OrleansSegments.Simulator.Events;

/// <summary>Writes events as the Segment spec has them: the members type, messageId, userId, timestamp, event or name, properties or traits, context.</summary>
public static class SegmentJson
{
    private const int FixedBytesMax = 512;

    /// <summary>One line of an NDJSON file, with its line feed.</summary>
    public static void WriteSegmentLine(in SimulatedEvent simulated, IBufferWriter<byte> writer)
    {
        WriteEvent(simulated, writer);
        "\n"u8.CopyTo(writer.GetSpan(1));
        writer.Advance(1);
    }

    /// <summary>One item of a batch, without a line feed.</summary>
    public static void WriteEvent(in SimulatedEvent simulated, IBufferWriter<byte> writer)
    {
        int size = FixedBytesMax + simulated.Properties.Length + simulated.Context.Length + simulated.CustomerId.Length + simulated.Name.Length;
        var json = new JsonText(writer.GetSpan(size));
        bool identify = simulated.Type == SimulatedEventType.Identify;
        json.Raw(TypeMember(simulated.Type));
        json.Raw(",\"messageId\":\""u8);
        json.Id(simulated.MessageId);
        json.Raw("\",\"userId\":\""u8);
        json.Ascii(simulated.CustomerId);
        json.Raw("\",\"timestamp\":\""u8);
        json.Instant(simulated.OccurredAt);
        if (!identify)
        {
            json.Raw(simulated.Type == SimulatedEventType.Track ? "\",\"event\":\""u8 : "\",\"name\":\""u8);
            json.Ascii(simulated.Name);
        }

        json.Raw(identify ? "\",\"traits\":"u8 : "\",\"properties\":"u8);
        json.Raw(simulated.Properties.Span);
        json.Raw(",\"context\":"u8);
        json.Raw(simulated.Context.Span);
        json.Raw("}"u8);
        writer.Advance(json.Length);
    }

    private static ReadOnlySpan<byte> TypeMember(SimulatedEventType type) => type switch
    {
        SimulatedEventType.Identify => "{\"type\":\"identify\""u8,
        SimulatedEventType.Page => "{\"type\":\"page\""u8,
        _ => "{\"type\":\"track\""u8,
    };
}
