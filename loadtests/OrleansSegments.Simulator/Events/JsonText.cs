using System.Buffers.Text;
using System.Text;

namespace OrleansSegments.Simulator.Events;

/// <summary>Writes JSON fragments into a span that is known to be large enough. It escapes nothing: callers write only plain ASCII values of ours.</summary>
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

    /// <summary>A number of hundredths as a decimal with two digits; not negative.</summary>
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
