using System.Collections.Concurrent;
using System.Text;

namespace OrleansSegments.Engine.Events;

/// <summary>tzdata names to zones, remembered up to a limit; an unknown name means the catalogue's own zone. Safe for many threads.</summary>
internal sealed class TimeZones(TimeZoneInfo standard)
{
    public const int ZonesMax = 1024;
    public const int NameBytesMax = 64;

    private readonly ConcurrentDictionary<string, ZoneClock> _zones = new(StringComparer.Ordinal);

    /// <summary>The zone that was asked for last: shoppers next to each other are often of one.</summary>
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
