using OrleansSegments.Simulator.Randomness;
using OrleansSegments.Simulator.Shoppers;

namespace OrleansSegments.Simulator.Events;

/// <summary>
/// Decides what every shopper of a partition does on a day. Visits are a Poisson process at the shopper's highest rate, thinned by weekday,
/// drift and season; most customer-days end after one random number.
/// </summary>
internal sealed class DayPlanner
{
    private const int VisitsPerDayMax = 8;
    private const int SecondsPerDay = 86_400;
    private readonly SimulationOptions _options;
    private readonly int _partition;
    private readonly int _partitions;
    private readonly ShopperTimeline _timeline;
    private readonly ShopperQuiet[] _quiet;
    private readonly OrderDraft _order = new();

    public DayPlanner(SimulationOptions options, int partition, int partitions)
    {
        _options = options;
        _partition = partition;
        _partitions = partitions;
        _timeline = new ShopperTimeline(options);
        int customers = options.Customers <= partition ? 0 : ((options.Customers - partition - 1) / partitions) + 1;
        _quiet = new ShopperQuiet[customers];
    }

    public ShopperProfile ProfileAt(int customer, int day) => new(_options.Seed, customer, _timeline.At(customer, day));

    public DateTime DayStart(int day) => _options.Start.UtcDateTime.AddDays(day);

    public void Plan(int day, List<PlannedItem> plan)
    {
        for (int slot = 0; slot < _quiet.Length; slot++)
        {
            int customer = _partition + (slot * _partitions);
            ref ShopperQuiet quiet = ref _quiet[slot];
            if (day < quiet.FromDay || day >= quiet.UntilDay)
            {
                quiet = QuietAt(customer, day);
            }

            long earliest = 0;
            if (quiet.IdentifiesOn == day)
            {
                earliest = PlanIdentify(customer, day, plan);
            }

            PlanVisits(customer, day, earliest, quiet, plan);
            if (quiet.RefundLagDays > 0 && day - quiet.RefundLagDays >= quiet.FromDay)
            {
                PlanRefunds(customer, day - quiet.RefundLagDays, quiet, plan);
            }
        }

        plan.Sort();
    }

    private ShopperQuiet QuietAt(int customer, int day)
    {
        ShopperState state = _timeline.At(customer, day);
        var profile = new ShopperProfile(_options.Seed, customer, state);
        return new ShopperQuiet(
            profile.QuietShare, state.FromDay, state.UntilDay, state.BeginsEpoch ? state.FromDay : -1,
            profile.Behaviour.RefundShare > 0 ? profile.RefundLagDays : 0);
    }

    private long PlanIdentify(int customer, int day, List<PlannedItem> plan)
    {
        var random = new CounterRandom(_options.Seed, customer, -1 - day, RandomStream.Plan);
        long at = DayStart(day).Ticks + (random.NextBelow(SecondsPerDay) * TimeSpan.TicksPerSecond);
        plan.Add(new PlannedItem(at, customer, day, 0, PlannedItemKind.Identify));
        return at + 1;
    }

    private void PlanVisits(int customer, int day, long earliestTicks, in ShopperQuiet quiet, List<PlannedItem> plan)
    {
        var random = new CounterRandom(_options.Seed, customer, day, RandomStream.Plan);
        double drawn = random.NextUniform();
        if (drawn < quiet.QuietShare)
        {
            return;
        }

        ShopperProfile profile = ProfileAt(customer, day);
        Span<long> visits = stackalloc long[VisitsPerDayMax];
        int count = DrawVisits(ref random, drawn, profile, day, visits);
        for (int visit = 0; visit < count; visit++)
        {
            if (visits[visit] >= earliestTicks)
            {
                plan.Add(new PlannedItem(visits[visit], customer, day, (byte)visit, PlannedItemKind.Visit));
            }
        }
    }

    private void PlanRefunds(int customer, int orderDay, in ShopperQuiet quiet, List<PlannedItem> plan)
    {
        var random = new CounterRandom(_options.Seed, customer, orderDay, RandomStream.Plan);
        double drawn = random.NextUniform();
        if (drawn < quiet.QuietShare)
        {
            return;
        }

        ShopperProfile profile = ProfileAt(customer, orderDay);
        Span<long> visits = stackalloc long[VisitsPerDayMax];
        int count = DrawVisits(ref random, drawn, profile, orderDay, visits);
        long earliest = quiet.IdentifiesOn == orderDay ? IdentifiedAt(customer, orderDay) : 0;
        for (int visit = 0; visit < count; visit++)
        {
            if (visits[visit] > earliest && _order.TryDraw(_options.Seed, profile, orderDay, visit) && _order.IsRefunded)
            {
                long at = visits[visit] + (quiet.RefundLagDays * TimeSpan.TicksPerDay);
                plan.Add(new PlannedItem(at, customer, orderDay, (byte)visit, PlannedItemKind.Refund));
            }
        }
    }

    private long IdentifiedAt(int customer, int day)
    {
        var random = new CounterRandom(_options.Seed, customer, -1 - day, RandomStream.Plan);
        return DayStart(day).Ticks + (random.NextBelow(SecondsPerDay) * TimeSpan.TicksPerSecond);
    }

    /// <summary>Fills the start times (UTC ticks) of a day's visits, given the first uniform number, and returns how many there are.</summary>
    private int DrawVisits(ref CounterRandom random, double drawn, in ShopperProfile profile, int day, Span<long> visits)
    {
        PersonaBehaviour behaviour = profile.Behaviour;
        double rateMax = profile.VisitsPerDay * behaviour.RateFactorMax;
        double chance = Math.Exp(-rateMax);
        double reached = chance;
        int candidates = 0;
        while (drawn >= reached && candidates < VisitsPerDayMax)
        {
            candidates++;
            chance *= rateMax / candidates;
            reached += chance;
        }

        DateTime dayStart = DayStart(day);
        DateTime localStart = dayStart + profile.Place.OffsetAt(dayStart);
        int localSecond = (int)localStart.TimeOfDay.TotalSeconds;
        int count = 0;
        for (int candidate = 0; candidate < candidates; candidate++)
        {
            int second = (random.NextIndex(behaviour.HourCumulative) * 3600) + random.NextBelow(3600);
            int after = (second - localSecond + SecondsPerDay) % SecondsPerDay;
            if (random.NextChance(profile.RateFactor(day, localStart.AddSeconds(after)) / behaviour.RateFactorMax))
            {
                visits[count++] = dayStart.Ticks + (after * TimeSpan.TicksPerSecond) + (random.NextBelow(1000) * TimeSpan.TicksPerMillisecond);
            }
        }

        return count;
    }
}
