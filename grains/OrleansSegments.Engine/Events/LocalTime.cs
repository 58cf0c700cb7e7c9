namespace OrleansSegments.Engine.Events;

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
