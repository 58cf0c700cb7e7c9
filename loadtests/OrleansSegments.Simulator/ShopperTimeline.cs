namespace OrleansSegments.Simulator;

/// <summary>
/// A shopper's timeline: personas change, lapse and return after exponential waits, on whole days. Recomputed from the start for every
/// query; with a few changes per year that is cheaper than storing it.
/// </summary>
internal sealed class ShopperTimeline
{
    private const double MonthDays = 30;
    private const double WaitDaysMax = 1_000_000;
    private readonly ulong _seed;
    private readonly Story? _story;
    private readonly double _changesPerDay;
    private readonly double _leavesPerDay;
    private readonly double _returnsPerDay;

    public ShopperTimeline(SimulationOptions options)
    {
        _seed = options.Seed;
        _story = options.Story;
        _changesPerDay = options.ChangeShareMonthly / MonthDays;
        _leavesPerDay = _changesPerDay + (options.LapseShareMonthly / MonthDays);
        _returnsPerDay = options.ReturnShareMonthly / MonthDays;
    }

    public ShopperState At(int customer, int day)
    {
        if (_story is null)
        {
            return OrdinaryAt(customer, day);
        }

        if (_story.ArrivalOf(_seed, customer) is { } arrival)
        {
            return day < arrival
                ? new ShopperState(Persona.BeautyReviewer, Lapsed: false, 0, 0, arrival, BeginsEpoch: false, IsAway: true)
                : new ShopperState(Persona.BeautyReviewer, Lapsed: false, 0, arrival, int.MaxValue, BeginsEpoch: true);
        }

        ShopperState state = OrdinaryAt(customer, day);
        if (state.UntilDay <= _story.InactivityDay)
        {
            return state;
        }

        ShopperState then = state.FromDay <= _story.InactivityDay ? state : OrdinaryAt(customer, _story.InactivityDay);
        if (!Story.Leaves(_seed, customer, then))
        {
            return state;
        }

        return day < _story.InactivityDay
            ? state with { UntilDay = _story.InactivityDay }
            : then with { Lapsed = true, FromDay = _story.InactivityDay, UntilDay = int.MaxValue, BeginsEpoch = false, IsAway = true };
    }

    private ShopperState OrdinaryAt(int customer, int day)
    {
        var random = new CounterRandom(_seed, customer, 0, RandomStream.Timeline);
        var first = (Persona)random.NextIndex(PersonaCatalogue.ShareCumulative);
        bool silent = first == Persona.Dormant;
        var state = new ShopperState(first, silent, 0, 0, Wait(ref random, 0, silent), BeginsEpoch: true);
        while (day >= state.UntilDay)
        {
            state = Next(ref random, state);
        }

        return state;
    }

    private ShopperState Next(ref CounterRandom random, ShopperState state)
    {
        int day = state.UntilDay;
        bool becomesSilent = !state.Lapsed && !random.NextChance(_changesPerDay / _leavesPerDay);
        bool comesBack = state.Lapsed && state.Habit != Persona.Dormant;
        bool keepsHabit = becomesSilent || comesBack;
        Persona habit = keepsHabit ? state.Habit : Another(ref random, state.Habit);
        int epoch = keepsHabit ? state.Epoch : state.Epoch + 1;
        return new ShopperState(habit, becomesSilent, epoch, day, Wait(ref random, day, becomesSilent), BeginsEpoch: !keepsHabit);
    }

    private static Persona Another(ref CounterRandom random, Persona current)
    {
        var drawn = (Persona)random.NextIndex(PersonaCatalogue.ActiveCumulative);
        return drawn != current ? drawn : (Persona)(((int)drawn + 1) % PersonaCatalogue.ActiveCumulative.Length);
    }

    private int Wait(ref CounterRandom random, int fromDay, bool silent)
    {
        double days = random.NextExponential() / (silent ? _returnsPerDay : _leavesPerDay);
        return fromDay + (int)Math.Clamp(Math.Ceiling(days), 1, WaitDaysMax);
    }
}

/// <summary>A shopper's state between two days.</summary>
/// <param name="Habit">The persona that determined the shopper's traits; <see cref="Persona.Dormant"/> if it was silent from the
/// start.</param>
/// <param name="Lapsed">True when the shopper has fallen silent.</param>
/// <param name="Epoch">Number of persona changes so far; traits and place are drawn anew in each.</param>
/// <param name="FromDay">The first day of this state.</param>
/// <param name="UntilDay">The first day of the next one.</param>
/// <param name="BeginsEpoch">True when the state starts with new traits, which the shopper sends in an identify event.</param>
/// <param name="IsAway">True when the shopper sends nothing at all: it left, or does not exist yet.</param>
internal readonly record struct ShopperState(
    Persona Habit, bool Lapsed, int Epoch, int FromDay, int UntilDay, bool BeginsEpoch, bool IsAway = false)
{
    /// <summary>
    /// A lapse counts as the truth only after this many silent days: before, it cannot be distinguished from a quiet fortnight.
    /// </summary>
    public const int SilentDaysUntilDormant = 21;

    public PersonaBehaviour Behaviour => PersonaCatalogue.Of(Lapsed ? Persona.Dormant : Habit);

    public Persona TruthAt(int day) => Lapsed && day - FromDay >= SilentDaysUntilDormant ? Persona.Dormant : Habit;
}
