using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace OrleansSegments.Simulator;

/// <summary>
/// Writes events in the Segment specification's format: type, messageId, userId, timestamp, event or name, properties or traits, context.
/// </summary>
public static class SegmentJson
{
    private const int FixedBytesMax = 512;

    /// <summary>Writes one line of an NDJSON file, with its line feed.</summary>
    public static void WriteSegmentLine(in SimulatedEvent simulated, IBufferWriter<byte> writer)
    {
        WriteEvent(simulated, writer);
        "\n"u8.CopyTo(writer.GetSpan(1));
        writer.Advance(1);
    }

    /// <summary>Writes one item of a batch, without a line feed.</summary>
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

/// <summary>Writes JSON fragments into a span that must be large enough. Does not escape: callers write only plain ASCII values.</summary>
internal ref struct JsonText(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    public int Length { get; private set; }

    public void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_target[Length..]);
        Length += text.Length;
    }

    public void Ascii(string text) => Length += Encoding.ASCII.GetBytes(text, _target[Length..]);

    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, _target[Length..], out int written);
        Length += written;
    }

    public void Hex(ulong value)
    {
        Utf8Formatter.TryFormat(value, _target[Length..], out int written, new('x', 12));
        Length += written;
    }

    public void Id(Guid value)
    {
        Utf8Formatter.TryFormat(value, _target[Length..], out int written);
        Length += written;
    }

    /// <summary>Hundredths as a decimal with two digits; not negative.</summary>
    public void Hundredths(long value)
    {
        (long whole, long rest) = Math.DivRem(value, 100);
        Number(whole);
        _target[Length] = (byte)'.';
        Digits((int)rest, Length + 1, 2);
        Length += 3;
    }

    /// <summary>ISO 8601 with milliseconds and Z.</summary>
    public void Instant(DateTimeOffset value)
    {
        DateTime utc = value.UtcDateTime;
        "0000-00-00T00:00:00.000Z"u8.CopyTo(_target[Length..]);
        utc.Deconstruct(out DateOnly date, out TimeOnly time);
        date.Deconstruct(out int year, out int month, out int day);
        time.Deconstruct(out int hour, out int minute, out int second, out int millisecond);
        Digits(year, Length, 4);
        Digits(month, Length + 5, 2);
        Digits(day, Length + 8, 2);
        Digits(hour, Length + 11, 2);
        Digits(minute, Length + 14, 2);
        Digits(second, Length + 17, 2);
        Digits(millisecond, Length + 20, 3);
        Length += 24;
    }

    private readonly void Digits(int value, int at, int count)
    {
        for (int i = at + count - 1; i >= at; i--)
        {
            _target[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
