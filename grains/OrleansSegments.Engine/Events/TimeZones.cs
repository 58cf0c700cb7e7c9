using System.Collections.Concurrent;
using System.Text;

namespace OrleansSegments.Engine.Events;

/// <summary>Finds zones by tzdata name, cached up to a limit; unknown names get the catalogue's own zone. Thread-safe.</summary>
internal sealed class TimeZones(TimeZoneInfo standard)
{
    public const int ZonesMax = 1024;
    public const int NameBytesMax = 64;

    private readonly ConcurrentDictionary<string, ZoneClock> _zones = new(StringComparer.Ordinal);

    /// <summary>The last zone found: consecutive shoppers are often in the same zone.</summary>
    private ZoneClock? _last;

    public ZoneClock Standard { get; } = new([], standard);

    public ZoneClock Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > NameBytesMax)
        {
            return Standard;
        }

        var last = Volatile.Read(ref _last);
        if (last is null || !last.IsNamed(name))
        {
            last = LookUp(name);
            Volatile.Write(ref _last, last);
        }

        return last;
    }

    private ZoneClock LookUp(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[NameBytesMax];
        text = text[..Encoding.UTF8.GetChars(name, text)];
        if (_zones.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var known))
        {
            return known;
        }

        var key = text.ToString();
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(key, out var found) ? new ZoneClock(name.ToArray(), found) : Standard;
        if (_zones.Count < ZonesMax)
        {
            _zones.TryAdd(key, zone);
        }

        return zone;
    }
}

/// <summary>
/// The UTC offset of a zone. Caches the last hour, because events come in order of time and evaluating a zone's rules is slow. Thread-safe.
/// </summary>
/// <param name="name">The tzdata name in UTF-8.</param>
internal sealed class ZoneClock(byte[] name, TimeZoneInfo zone)
{
    private const long HourMilliseconds = 3_600_000;

    private readonly bool _isUtc = ReferenceEquals(zone, TimeZoneInfo.Utc);

    /// <summary>Replaced as a whole, so that a reader never sees the hour of one entry with the offset of another.</summary>
    private HourOffset _last = new(long.MinValue, 0);

    public bool IsNamed(ReadOnlySpan<byte> text) => text.SequenceEqual(name);

    /// <summary>Local time minus UTC.</summary>
    public long OffsetMilliseconds(long utcMilliseconds)
    {
        if (_isUtc)
        {
            return 0;
        }

        var hour = (long)Math.Floor(utcMilliseconds / (double)HourMilliseconds);
        var last = Volatile.Read(ref _last);
        return last.Hour == hour ? last.Milliseconds : Find(utcMilliseconds, hour);
    }

    /// <summary>An hour with a clock change is not cached.</summary>
    private long Find(long utcMilliseconds, long hour)
    {
        var first = Ask(hour * HourMilliseconds);
        if (first != Ask((hour + 1) * HourMilliseconds - 1))
        {
            return Ask(utcMilliseconds);
        }

        Volatile.Write(ref _last, new HourOffset(hour, first));
        return first;
    }

    private long Ask(long utcMilliseconds) => (long)zone.GetUtcOffset(DateTime.UnixEpoch.AddMilliseconds(utcMilliseconds)).TotalMilliseconds;

    private sealed record HourOffset(long Hour, long Milliseconds);
}

/// <summary>Local time of an event at the customer's place.</summary>
/// <param name="Hour">0 to 23.</param>
/// <param name="Weekday">0 is Sunday.</param>
/// <param name="DayAngle">The time of day in radians, 0 at midnight.</param>
internal readonly record struct LocalTime(int Hour, int Weekday, double DayAngle)
{
    private const long DayMilliseconds = 86_400_000;
    private const long HourMilliseconds = 3_600_000;

    /// <summary>1970-01-01 was a Thursday.</summary>
    private const int EpochWeekday = 4;

    public static LocalTime At(long utcMilliseconds, ZoneClock zone)
    {
        var local = utcMilliseconds + zone.OffsetMilliseconds(utcMilliseconds);
        var days = Math.DivRem(local, DayMilliseconds, out var rest);
        if (rest < 0)
        {
            (days, rest) = (days - 1, rest + DayMilliseconds);
        }

        var weekday = (int)((days + EpochWeekday) % 7 + 7) % 7;
        return new LocalTime((int)(rest / HourMilliseconds), weekday, Math.Tau * rest / DayMilliseconds);
    }
}
