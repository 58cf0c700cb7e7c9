namespace OrleansSegments.Engine.Events;

/// <summary>What a zone's clocks are ahead of UTC. Remembers the last hour that was asked about, because events come hour by hour and the rules of a
/// zone are slow to read. Safe for many threads.</summary>
/// <param name="name">The tzdata name in UTF-8.</param>
internal sealed class ZoneClock(byte[] name, TimeZoneInfo zone)
{
    private const long HourMilliseconds = 3_600_000;

    private readonly bool _isUtc = ReferenceEquals(zone, TimeZoneInfo.Utc);

    /// <summary>Replaced whole, so that a reader never sees the hour of one and the offset of another.</summary>
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

    /// <summary>An hour in which the clocks are changed is not remembered.</summary>
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
