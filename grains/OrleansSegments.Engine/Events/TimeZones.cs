using System.Collections.Concurrent;
using System.Text;

namespace OrleansSegments.Engine.Events;

/// <summary>tzdata names to zones, remembered up to a limit; an unknown name means the catalogue's own zone. Safe for many threads.</summary>
internal sealed class TimeZones(TimeZoneInfo standard)
{
    public const int ZonesMax = 1024;
    public const int NameBytesMax = 64;

    private readonly ConcurrentDictionary<string, TimeZoneInfo> _zones = new(StringComparer.Ordinal);

    public TimeZoneInfo Standard { get; } = standard;

    public TimeZoneInfo Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > NameBytesMax)
        {
            return Standard;
        }

        Span<char> text = stackalloc char[NameBytesMax];
        text = text[..Encoding.UTF8.GetChars(name, text)];
        if (_zones.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var known))
        {
            return known;
        }

        var key = text.ToString();
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(key, out var found) ? found : Standard;
        if (_zones.Count < ZonesMax)
        {
            _zones.TryAdd(key, zone);
        }

        return zone;
    }
}
