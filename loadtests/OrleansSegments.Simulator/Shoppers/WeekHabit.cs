using OrleansSegments.Simulator.Randomness;

namespace OrleansSegments.Simulator.Shoppers;

/// <summary>
/// The visits of one shopper in one week, counted from the simulation's start. People shop by habit: the number of visits and of orders
/// follows the shopper's rate as closely as whole numbers can, and only when in the week they fall is left to chance.
/// </summary>
internal static class WeekHabit
{
    public const int VisitsMax = 14;
    public const int Days = 7;
    private const int TriesMax = 64;
    private const int SecondsPerDay = 86_400;

    /// <summary>Fills <paramref name="visits"/> (at least <see cref="VisitsMax"/> long) and returns how many there are.</summary>
    public static int Draw(SimulationOptions options, in ShopperProfile profile, int week, Span<WeekVisit> visits)
    {
        var random = new CounterRandom(options.Seed, profile.Customer, ((long)profile.Epoch << 32) + week, RandomStream.Plan);
        DateTime weekStart = options.Start.UtcDateTime.AddDays((long)week * Days);
        double expected = profile.VisitsPerDay * Days;
        int orders = Whole(profile.OrderPhase, expected * profile.OrderShare, week);
        int count = (int)((expected * profile.RateFactor((week * Days) + 3, weekStart.AddDays(3))) + random.NextUniform());
        count = Math.Min(Math.Max(count, orders), VisitsMax);
        if (count == 0)
        {
            return 0;
        }

        TimeSpan offset = profile.Place.OffsetAt(weekStart);
        for (int visit = 0; visit < count; visit++)
        {
            TimeSpan after = DrawMoment(ref random, profile.Behaviour, weekStart + offset);
            visits[visit] = new WeekVisit((week * Days) + after.Days, weekStart.Ticks + after.Ticks, visit < orders);
        }

        return count;
    }

    /// <summary>How many whole units a steady rate completes within a week, given where it stood at the start.</summary>
    private static int Whole(double phase, double perWeek, int week) =>
        (int)(Math.Floor(phase + ((week + 1) * perWeek)) - Math.Floor(phase + (week * perWeek)));

    /// <summary>A moment of the week by the hours and weekdays of the persona, from the week's start.</summary>
    private static TimeSpan DrawMoment(ref CounterRandom random, PersonaBehaviour behaviour, DateTime localStart)
    {
        int localSecond = (int)localStart.TimeOfDay.TotalSeconds;
        TimeSpan after = default;
        for (int attempt = 0; attempt < TriesMax; attempt++)
        {
            int second = (random.NextIndex(behaviour.HourCumulative) * 3600) + random.NextBelow(3600);
            after = new TimeSpan(random.NextBelow(Days), 0, 0, (second - localSecond + SecondsPerDay) % SecondsPerDay, random.NextBelow(1000));
            if (random.NextChance(behaviour.WeekdayFactors[(int)(localStart + after).DayOfWeek] / behaviour.WeekdayFactorMax))
            {
                break;
            }
        }

        return after;
    }
}
