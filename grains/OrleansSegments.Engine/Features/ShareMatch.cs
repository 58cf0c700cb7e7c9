namespace OrleansSegments.Engine.Features;

/// <summary>What a share counts: a band of local hours, a set of weekdays, or values of a path. Exactly one is set.</summary>
/// <param name="HourFrom">First hour of the band, or -1; a band may pass midnight.</param>
/// <param name="HourTo">The hour at which the band ends, exclusive, 1 to 24.</param>
/// <param name="WeekdayMask">Bit 0 is Sunday; 0 if weekdays do not matter.</param>
/// <param name="Condition">Values that count; the denominator then counts what has any value there.</param>
public sealed record ShareMatch(int HourFrom, int HourTo, int WeekdayMask, EventCondition? Condition)
{
    public bool IsHours => HourFrom >= 0;

    public bool ContainsTime(int hour, int weekday)
    {
        if (!IsHours)
        {
            return (WeekdayMask >> weekday & 1) != 0;
        }

        return HourFrom < HourTo ? hour >= HourFrom && hour < HourTo : hour >= HourFrom || hour < HourTo;
    }

    public override string ToString() => $"h{HourFrom}-{HourTo} w{WeekdayMask} {Condition}";
}
