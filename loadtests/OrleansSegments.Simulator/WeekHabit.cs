namespace OrleansSegments.Simulator;

/// <summary>
/// The visits of one shopper in one week, counted from the simulation's start. Shopping is habitual: the numbers of visits and orders
/// follow the shopper's rate as closely as integers can; only their times within the week are random.
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
        bool hasSale = options.Story is { } story && story.SaleDay / Days == week && Story.BargainProne.Contains(profile.Behaviour.Persona);
        if (count == 0 && !hasSale)
        {
            return 0;
        }

        DateTime localStart = weekStart + profile.Place.OffsetAt(weekStart);
        for (int visit = 0; visit < count; visit++)
        {
            TimeSpan after = DrawMoment(ref random, profile.Behaviour, localStart);
            visits[visit] = new WeekVisit((week * Days) + after.Days, weekStart.Ticks + after.Ticks, visit < orders);
        }

        return hasSale ? AddSale(options, profile, localStart, count, visits) : count;
    }

    /// <summary>Adds the visits to a sale, at the persona's hours of that day; they come last, so the ordinary ones stay what they are.</summary>
    private static int AddSale(SimulationOptions options, in ShopperProfile profile, DateTime localStart, int count, Span<WeekVisit> visits)
    {
        int day = options.Story!.SaleDay;
        long dayTicks = options.Start.UtcDateTime.AddDays(day).Ticks;
        var random = new CounterRandom(options.Seed, profile.Customer, 2, RandomStream.Story);
        int until = random.NextChance(Story.SaleShare) ? Math.Min(count + Story.SaleVisits, VisitsMax) : count;
        for (int visit = count; visit < until; visit++)
        {
            long after = DrawMoment(ref random, profile.Behaviour, localStart).Ticks % TimeSpan.TicksPerDay;
            visits[visit] = new WeekVisit(day, dayTicks + after, random.NextChance(Story.SaleOrderShare));
        }

        return until;
    }

    /// <summary>The number of whole units that a steady rate completes in a week, given its phase at the start.</summary>
    private static int Whole(double phase, double perWeek, int week) =>
        (int)(Math.Floor(phase + ((week + 1) * perWeek)) - Math.Floor(phase + (week * perWeek)));

    /// <summary>Draws a moment of the week by the persona's hours and weekdays, relative to the week's start.</summary>
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

/// <param name="Day">The simulated day.</param>
/// <param name="AtTicks">Its start, UTC.</param>
/// <param name="EndsInOrder">True when something is bought.</param>
internal readonly record struct WeekVisit(int Day, long AtTicks, bool EndsInOrder);

/// <summary>The little state kept per shopper: enough to skip days without a visit.</summary>
/// <param name="FromDay">First day of validity: of the state or of the week, whichever starts later.</param>
/// <param name="UntilDay">First day after it; 0 in a new array, so that every shopper is looked up once.</param>
/// <param name="StateFromDay">First day of the state.</param>
/// <param name="IdentifiesOn">The day on which new traits are sent, or -1.</param>
/// <param name="VisitDays">A bit for each day of the week with a visit.</param>
/// <param name="OrderDays">A bit for each day with an order: last week in the low seven bits, this week above.</param>
/// <param name="RefundLagDays">Days from an order to its refund, or 0 when there are none.</param>
internal readonly record struct ShopperQuiet(
    int FromDay, int UntilDay, int StateFromDay, int IdentifiesOn, byte VisitDays, ushort OrderDays, byte RefundLagDays)
{
    public bool HasVisitOn(int day) => ((VisitDays >> (day % WeekHabit.Days)) & 1) != 0;

    /// <summary>True when an order of <paramref name="day"/> minus the lag may be refunded on <paramref name="day"/>.</summary>
    public bool MayRefundOn(int day) =>
        RefundLagDays > 0 && day - RefundLagDays >= StateFromDay && ((OrderDays >> (WeekHabit.Days + (day % WeekHabit.Days) - RefundLagDays)) & 1) != 0;
}
