using OrleansSegments.Simulator.Randomness;

namespace OrleansSegments.Simulator.Shoppers;

/// <summary>One shopper in one state: the persona's figures with the shopper's own deviations. Drawn on demand, nothing is kept.</summary>
internal readonly struct ShopperProfile
{
    private const double OrderShareSpread = 0.15;
    private const double OrderShareMax = 0.9;
    private const double CategoryTiltSpread = 0.35;
    private const double CategoryDriftShare = 0.25;
    private readonly ulong _seed;
    private readonly double _driftPhase;
    private readonly double _driftPeriodDays;

    public ShopperProfile(ulong seed, int customer, in ShopperState state)
    {
        _seed = seed;
        Customer = customer;
        Epoch = state.Epoch;
        Behaviour = state.Behaviour;
        Traits = PersonaCatalogue.Of(state.Habit).Traits;
        var random = new CounterRandom(seed, customer, state.Epoch, RandomStream.Profile);
        VisitsPerDay = Behaviour.VisitsPerDay * Math.Exp(PersonaBehaviour.RateSpread * random.NextNormal());
        OrderShare = Math.Min(Behaviour.OrderShare * Math.Exp(OrderShareSpread * random.NextNormal()), OrderShareMax);
        MobileShare = Math.Clamp(Behaviour.MobileShare + (0.06 * random.NextNormal()), 0, 1);
        _driftPhase = 2 * Math.PI * random.NextUniform();
        _driftPeriodDays = 30 + (90 * random.NextUniform());
        Place[] places = random.NextChance(Traits.AbroadShare) ? Place.Abroad : random.NextChance(Traits.UrbanShare) ? Place.Urbans : Place.Rurals;
        Place = places[random.NextBelow(places.Length)];
        UsesApple = random.NextChance(0.5);
        RefundLagDays = 2 + random.NextBelow(6);
        OrderPhase = random.NextUniform();
    }

    public int Customer { get; }

    public int Epoch { get; }

    public PersonaBehaviour Behaviour { get; }

    public PersonaTraits Traits { get; }

    public double VisitsPerDay { get; }

    public double OrderShare { get; }

    public double MobileShare { get; }

    public Place Place { get; }

    public bool UsesApple { get; }

    /// <summary>Days from an order to its refund, if it comes to one; at most a week.</summary>
    public int RefundLagDays { get; }

    /// <summary>How much of the next order is due at the start, 0 to 1.</summary>
    public double OrderPhase { get; }

    /// <summary>How much busier than on average the shopper is at a time, drift and season together.</summary>
    public double RateFactor(int day, DateTime date)
    {
        double drift = 1 + (PersonaBehaviour.RateDriftShare * Math.Sin(_driftPhase + (2 * Math.PI * day / _driftPeriodDays)));
        double season = 1 + (Behaviour.SeasonShare * Math.Cos(2 * Math.PI * (date.DayOfYear - 350) / 365.0));
        return drift * season;
    }

    /// <summary>The shopper's category shares on a day, rising to 1: the persona's, tilted for good and drifting slowly.</summary>
    public void FillCategories(int day, Span<double> cumulative)
    {
        Span<double> weights = stackalloc double[5];
        var random = new CounterRandom(_seed, Customer, long.MaxValue - Epoch, RandomStream.Profile);
        for (int category = 0; category < weights.Length; category++)
        {
            double tilt = CategoryTiltSpread * random.NextNormal();
            double drift = CategoryDriftShare * Math.Sin(_driftPhase + category + (2 * Math.PI * day / (2 * _driftPeriodDays)));
            weights[category] = Behaviour.CategoryWeights[category] * Math.Exp(tilt + drift);
        }

        Cumulative.Fill(weights, cumulative);
    }
}
