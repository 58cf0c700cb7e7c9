namespace OrleansSegments.Simulator;

/// <summary>Decides what every shopper of a partition does on a day. Days without activity cost only a few bit tests.</summary>
internal sealed class DayPlanner
{
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

    public ShopperProfile ProfileAt(int customer, int day) =>
        new(_options.Seed, customer, _timeline.At(customer, day), isOnSale: _options.Story?.SaleDay == day);

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

            if (quiet.HasVisitOn(day))
            {
                PlanVisits(customer, day, earliest, plan);
            }

            if (quiet.MayRefundOn(day))
            {
                PlanRefunds(customer, day - quiet.RefundLagDays, quiet, plan);
            }
        }

        plan.Sort();
    }

    private ShopperQuiet QuietAt(int customer, int day)
    {
        ShopperState state = _timeline.At(customer, day);
        if (state.IsAway)
        {
            return new ShopperQuiet(state.FromDay, state.UntilDay, state.FromDay, IdentifiesOn: -1, VisitDays: 0, OrderDays: 0, RefundLagDays: 0);
        }

        var profile = new ShopperProfile(_options.Seed, customer, state);
        int week = day / WeekHabit.Days;
        bool refunds = profile.Behaviour.RefundShare > 0;
        (int visits, int orders) = DaysOf(profile, week);
        int ordersBefore = refunds && week > 0 ? DaysOf(profile, week - 1).Orders : 0;
        return new ShopperQuiet(
            Math.Max(state.FromDay, week * WeekHabit.Days), Math.Min(state.UntilDay, (week + 1) * WeekHabit.Days), state.FromDay,
            state.BeginsEpoch ? state.FromDay : -1, (byte)visits, (ushort)((orders << WeekHabit.Days) | ordersBefore),
            refunds ? (byte)profile.RefundLagDays : (byte)0);
    }

    /// <summary>The days of a week with visits and with orders, as bits.</summary>
    private (int Visits, int Orders) DaysOf(in ShopperProfile profile, int week)
    {
        Span<WeekVisit> visits = stackalloc WeekVisit[WeekHabit.VisitsMax];
        int count = WeekHabit.Draw(_options, profile, week, visits);
        int withVisit = 0;
        int withOrder = 0;
        for (int visit = 0; visit < count; visit++)
        {
            int bit = 1 << (visits[visit].Day % WeekHabit.Days);
            withVisit |= bit;
            withOrder |= visits[visit].EndsInOrder ? bit : 0;
        }

        return (withVisit, withOrder);
    }

    private long PlanIdentify(int customer, int day, List<PlannedItem> plan)
    {
        long at = IdentifiedAt(customer, day);
        plan.Add(new PlannedItem(at, customer, day, 0, PlannedItemKind.Identify));
        return at + 1;
    }

    private void PlanVisits(int customer, int day, long earliestTicks, List<PlannedItem> plan)
    {
        Span<WeekVisit> visits = stackalloc WeekVisit[WeekHabit.VisitsMax];
        int count = WeekHabit.Draw(_options, ProfileAt(customer, day), day / WeekHabit.Days, visits);
        for (int visit = 0; visit < count; visit++)
        {
            if (visits[visit].Day == day && visits[visit].AtTicks >= earliestTicks)
            {
                PlannedItemKind kind = visits[visit].EndsInOrder ? PlannedItemKind.VisitWithOrder : PlannedItemKind.Visit;
                plan.Add(new PlannedItem(visits[visit].AtTicks, customer, day, (byte)visit, kind));
            }
        }
    }

    private void PlanRefunds(int customer, int orderDay, in ShopperQuiet quiet, List<PlannedItem> plan)
    {
        ShopperProfile profile = ProfileAt(customer, orderDay);
        Span<WeekVisit> visits = stackalloc WeekVisit[WeekHabit.VisitsMax];
        int count = WeekHabit.Draw(_options, profile, orderDay / WeekHabit.Days, visits);
        long earliest = quiet.IdentifiesOn == orderDay ? IdentifiedAt(customer, orderDay) + 1 : 0;
        for (int visit = 0; visit < count; visit++)
        {
            if (!visits[visit].EndsInOrder || visits[visit].Day != orderDay || visits[visit].AtTicks < earliest)
            {
                continue;
            }

            _order.Draw(_options.Seed, profile, orderDay, visit);
            if (_order.IsRefunded)
            {
                long at = visits[visit].AtTicks + (quiet.RefundLagDays * TimeSpan.TicksPerDay);
                plan.Add(new PlannedItem(at, customer, orderDay, (byte)visit, PlannedItemKind.Refund));
            }
        }
    }

    private long IdentifiedAt(int customer, int day)
    {
        var random = new CounterRandom(_options.Seed, customer, -1 - day, RandomStream.Plan);
        return DayStart(day).Ticks + (random.NextBelow(SecondsPerDay) * TimeSpan.TicksPerSecond);
    }
}

/// <summary>A planned action of a shopper on a day: 24 bytes, kept until its slice is read and the events are written.</summary>
/// <param name="AtTicks">Its start, UTC.</param>
/// <param name="Customer">The shopper's number.</param>
/// <param name="Day">The day of the visit; for a refund the day of the order.</param>
/// <param name="Visit">Index of the visit on that day.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct PlannedItem(long AtTicks, int Customer, int Day, byte Visit, PlannedItemKind Kind) : IComparable<PlannedItem>
{
    public int CompareTo(PlannedItem other)
    {
        int order = AtTicks.CompareTo(other.AtTicks);
        order = order != 0 ? order : Customer.CompareTo(other.Customer);
        order = order != 0 ? order : Kind.CompareTo(other.Kind);
        return order != 0 ? order : Visit.CompareTo(other.Visit);
    }
}

internal enum PlannedItemKind : byte
{
    Identify = 0,
    Visit = 1,
    VisitWithOrder = 2,
    Refund = 3,
}
