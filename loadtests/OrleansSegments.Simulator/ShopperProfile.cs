namespace OrleansSegments.Simulator;

/// <summary>One shopper in one state: the persona's parameters with the shopper's own deviations. Drawn on demand and not stored.</summary>
internal readonly struct ShopperProfile
{
    private const double OrderShareSpread = 0.15;
    private const double OrderShareMax = 0.9;
    private const double CategoryTiltSpread = 0.35;
    private const double CategoryDriftShare = 0.25;
    private readonly ulong _seed;
    private readonly double _driftPhase;
    private readonly double _driftPeriodDays;

    public ShopperProfile(ulong seed, int customer, in ShopperState state, bool isOnSale = false)
    {
        _seed = seed;
        Customer = customer;
        Epoch = state.Epoch;
        Behaviour = isOnSale ? PersonaCatalogue.OnSaleOf(state.Behaviour.Persona) : state.Behaviour;
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

    /// <summary>Days from an order to its possible refund; at most a week.</summary>
    public int RefundLagDays { get; }

    /// <summary>Fraction of the next order that is due at the start, 0 to 1.</summary>
    public double OrderPhase { get; }

    /// <summary>The shopper's activity relative to its mean at a time, from drift and season.</summary>
    public double RateFactor(int day, DateTime date)
    {
        double drift = 1 + (PersonaBehaviour.RateDriftShare * Math.Sin(_driftPhase + (2 * Math.PI * day / _driftPeriodDays)));
        double season = 1 + (Behaviour.SeasonShare * Math.Cos(2 * Math.PI * (date.DayOfYear - 350) / 365.0));
        return drift * season;
    }

    /// <summary>The shopper's cumulative category shares on a day: the persona's, with a permanent tilt and a slow drift.</summary>
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

/// <summary>
/// Where shoppers live. UTC offsets come from the rules below instead of the machine's time zone data, so that equal seeds give equal bytes
/// everywhere.
/// </summary>
internal sealed record Place(
    string City, string Country, bool Urban, double Latitude, double Longitude, string TimeZone, string Locale, int StandardOffsetHours, bool AmericanRule)
{
    public static Place[] Urbans { get; } =
    [
        Home("London", true, 51.51, -0.13), Home("Manchester", true, 53.48, -2.24), Home("Birmingham", true, 52.48, -1.90),
        Home("Leeds", true, 53.80, -1.55), Home("Bristol", true, 51.45, -2.59), Home("Cardiff", true, 51.48, -3.18),
    ];

    public static Place[] Rurals { get; } =
    [
        Home("Keswick", false, 54.60, -3.13), Home("Hay-on-Wye", false, 52.07, -3.13), Home("Whitby", false, 54.49, -0.61),
        Home("Bakewell", false, 53.21, -1.68), Home("Tavistock", false, 50.55, -4.14), Home("Kelso", false, 55.60, -2.43),
    ];

    public static Place[] Abroad { get; } =
    [
        new("Madrid", "ES", true, 40.42, -3.70, "Europe/Madrid", "es-ES", 1, false),
        new("Lisbon", "PT", true, 38.72, -9.14, "Europe/Lisbon", "pt-PT", 0, false),
        new("Rome", "IT", true, 41.90, 12.50, "Europe/Rome", "it-IT", 1, false),
        new("Athens", "GR", true, 37.98, 23.73, "Europe/Athens", "el-GR", 2, false),
        new("New York", "US", true, 40.71, -74.01, "America/New_York", "en-US", -5, true),
        new("Evora", "PT", false, 38.57, -7.91, "Europe/Lisbon", "pt-PT", 0, false),
    ];

    public static Place[] All { get; } = [.. Urbans, .. Rurals, .. Abroad];

    /// <summary>Local time minus UTC on the day of <paramref name="utc"/>; the hour of a clock change is not modelled.</summary>
    public TimeSpan OffsetAt(DateTime utc) => TimeSpan.FromHours(StandardOffsetHours + (IsSummer(utc) ? 1 : 0));

    private bool IsSummer(DateTime utc)
    {
        DateTime begin = AmericanRule ? Sunday(utc.Year, 3, 8) : Sunday(utc.Year, 3, 25);
        DateTime end = AmericanRule ? Sunday(utc.Year, 11, 1) : Sunday(utc.Year, 10, 25);
        return utc >= begin && utc < end;
    }

    private static DateTime Sunday(int year, int month, int earliestDay)
    {
        var earliest = new DateTime(year, month, earliestDay, 0, 0, 0, DateTimeKind.Utc);
        return earliest.AddDays((7 - (int)earliest.DayOfWeek) % 7);
    }

    private static Place Home(string city, bool urban, double latitude, double longitude) =>
        new(city, "GB", urban, latitude, longitude, "Europe/London", "en-GB", 0, false);
}
