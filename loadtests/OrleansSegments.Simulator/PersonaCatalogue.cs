namespace OrleansSegments.Simulator;

/// <summary>
/// The parameters of the personas: seven of ordinary traffic, and the newcomers of a story, with no share at the start. They differ in many features at once, so that a sound clustering must find them.
/// </summary>
internal static class PersonaCatalogue
{
    private static readonly double[] EveryDay = [0.95, 1, 1.05, 1, 1, 1.05, 0.95];
    private static readonly double[] MostlyWeekend = [2.6, 0.25, 0.25, 0.25, 0.3, 0.55, 2.8];

    // Order of weights. Browsing: view, list, search, cart, promotion, wishlist, review. Categories: fashion, electronics, home, grocery,
    // beauty.
    private static readonly PersonaBehaviour[] All =
    [
        new PersonaBehaviour
        {
            Persona = Persona.LoyalBigSpender, Share = 0.14, VisitsPerDay = 0.42, BrowsingEventsMax = 3,
            BrowsingWeights = [50, 10, 12, 4, 2, 4, 18], CategoryWeights = [8, 42, 36, 8, 6],
            HourWeights = HourProfiles.WorkingDay, WeekdayFactors = EveryDay,
            OrderShare = 0.38, OrderItemsMin = 2, OrderItemsMax = 4, CouponShare = 0.03, RefundShare = 0.03,
            SupportShare = 0.02, RatingMean = 4.6, MobileShare = 0.15, PriceTier = 0.65, FavouriteShare = 0.1,
            Traits = new PersonaTraits
            {
                AgeMean = 49, AgeDeviation = 7, FemaleShare = 0.35, HouseholdSizeMin = 2, HouseholdSizeMax = 3, PriceSensitivityMean = 0.15,
                EcoInterestMean = 0.5, NewsletterShare = 0.85, UrbanShare = 0.75, AbroadShare = 0.02, TenureMeanDays = 1500,
            },
        }.Complete(),
        new PersonaBehaviour
        {
            Persona = Persona.BargainHunter, Share = 0.18, VisitsPerDay = 0.42, BrowsingEventsMax = 4,
            BrowsingWeights = [28, 8, 20, 6, 34, 3, 1], CategoryWeights = [24, 22, 24, 10, 20],
            HourWeights = HourProfiles.LunchAndAfterWork, WeekdayFactors = EveryDay,
            OrderShare = 0.25, OrderItemsMin = 1, OrderItemsMax = 3, CouponShare = 0.88, RefundShare = 0.05,
            SupportShare = 0.02, RatingMean = 3.6, MobileShare = 0.5, PriceTier = 0.12, FavouriteShare = 0.05,
            Traits = new PersonaTraits
            {
                AgeMean = 37, AgeDeviation = 7, FemaleShare = 0.55, HouseholdSizeMin = 2, HouseholdSizeMax = 3, PriceSensitivityMean = 0.88,
                EcoInterestMean = 0.35, NewsletterShare = 0.97, UrbanShare = 0.6, AbroadShare = 0.02, TenureMeanDays = 600,
            },
        }.Complete(),
        new PersonaBehaviour
        {
            Persona = Persona.EveningMobileBrowser, Share = 0.22, VisitsPerDay = 0.45, BrowsingEventsMax = 6,
            BrowsingWeights = [62, 16, 4, 2, 2, 14, 0], CategoryWeights = [82, 4, 3, 1, 10],
            HourWeights = HourProfiles.Evening, WeekdayFactors = EveryDay,
            OrderShare = 0.12, OrderItemsMin = 1, OrderItemsMax = 2, CouponShare = 0.2, RefundShare = 0.05,
            SupportShare = 0.01, RatingMean = 4.0, MobileShare = 0.97, PriceTier = 0.4, FavouriteShare = 0,
            Traits = new PersonaTraits
            {
                AgeMean = 24, AgeDeviation = 4, FemaleShare = 0.7, HouseholdSizeMin = 1, HouseholdSizeMax = 2, PriceSensitivityMean = 0.55,
                EcoInterestMean = 0.65, NewsletterShare = 0.2, UrbanShare = 0.92, AbroadShare = 0.02, TenureMeanDays = 200,
            },
        }.Complete(),
        new PersonaBehaviour
        {
            Persona = Persona.WeekendFamilyGrocery, Share = 0.17, VisitsPerDay = 0.27, BrowsingEventsMax = 2,
            BrowsingWeights = [40, 20, 24, 12, 3, 0, 1], CategoryWeights = [4, 2, 10, 80, 4],
            HourWeights = HourProfiles.Morning, WeekdayFactors = MostlyWeekend,
            OrderShare = 0.62, OrderItemsMin = 8, OrderItemsMax = 14, CouponShare = 0.25, RefundShare = 0.01,
            SupportShare = 0.01, RatingMean = 4.2, MobileShare = 0.3, PriceTier = 0.5, FavouriteShare = 0.6,
            Traits = new PersonaTraits
            {
                AgeMean = 41, AgeDeviation = 5, FemaleShare = 0.6, HouseholdSizeMin = 4, HouseholdSizeMax = 5, PriceSensitivityMean = 0.6,
                EcoInterestMean = 0.75, NewsletterShare = 0.6, UrbanShare = 0.25, AbroadShare = 0.01, TenureMeanDays = 900,
            },
        }.Complete(),
        new PersonaBehaviour
        {
            Persona = Persona.FrequentReturner, Share = 0.11, VisitsPerDay = 0.37, BrowsingEventsMax = 3,
            BrowsingWeights = [60, 12, 8, 14, 2, 2, 2], CategoryWeights = [52, 2, 3, 1, 42],
            HourWeights = HourProfiles.Afternoon, WeekdayFactors = EveryDay,
            OrderShare = 0.42, OrderItemsMin = 2, OrderItemsMax = 5, CouponShare = 0.15, RefundShare = 0.62,
            SupportShare = 0.16, RatingMean = 1.8, MobileShare = 0.75, PriceTier = 0.55, FavouriteShare = 0.05,
            Traits = new PersonaTraits
            {
                AgeMean = 31, AgeDeviation = 5, FemaleShare = 0.88, HouseholdSizeMin = 1, HouseholdSizeMax = 3, PriceSensitivityMean = 0.35,
                EcoInterestMean = 0.2, NewsletterShare = 0.6, UrbanShare = 0.88, AbroadShare = 0.02, TenureMeanDays = 400,
            },
        }.Complete(),
        new PersonaBehaviour
        {
            Persona = Persona.GiftBuyerFromAbroad, Share = 0.08, VisitsPerDay = 0.24, BrowsingEventsMax = 3,
            BrowsingWeights = [40, 25, 25, 4, 2, 4, 0], CategoryWeights = [6, 5, 80, 1, 8],
            HourWeights = HourProfiles.Afternoon, WeekdayFactors = EveryDay,
            OrderShare = 0.42, OrderItemsMin = 1, OrderItemsMax = 2, CouponShare = 0.05, RefundShare = 0.02,
            SupportShare = 0.03, RatingMean = 4.3, MobileShare = 0.06, PriceTier = 0.6, FavouriteShare = 0, SeasonShare = 0.25,
            Traits = new PersonaTraits
            {
                AgeMean = 56, AgeDeviation = 7, FemaleShare = 0.5, HouseholdSizeMin = 1, HouseholdSizeMax = 2, PriceSensitivityMean = 0.3,
                EcoInterestMean = 0.45, NewsletterShare = 0.3, UrbanShare = 0.8, AbroadShare = 0.96, TenureMeanDays = 700,
            },
        }.Complete(),
        new PersonaBehaviour
        {
            Persona = Persona.Dormant, Share = 0.10, VisitsPerDay = 0.015, BrowsingEventsMax = 1,
            BrowsingWeights = [80, 20, 0, 0, 0, 0, 0], CategoryWeights = [20, 20, 20, 20, 20],
            HourWeights = HourProfiles.WorkingDay, WeekdayFactors = EveryDay,
            OrderShare = 0, OrderItemsMin = 1, OrderItemsMax = 1, CouponShare = 0, RefundShare = 0,
            SupportShare = 0, RatingMean = 3, MobileShare = 0.4, PriceTier = 0.4, FavouriteShare = 0,
            Traits = new PersonaTraits
            {
                AgeMean = 62, AgeDeviation = 8, FemaleShare = 0.4, HouseholdSizeMin = 1, HouseholdSizeMax = 2, PriceSensitivityMean = 0.5,
                EcoInterestMean = 0.3, NewsletterShare = 0.05, UrbanShare = 0.35, AbroadShare = 0.02, TenureMeanDays = 2200,
            },
        }.Complete(),
        new PersonaBehaviour
        {
            Persona = Persona.BeautyReviewer, Share = 0, VisitsPerDay = 0.5, BrowsingEventsMax = 3,
            BrowsingWeights = [36, 8, 10, 6, 4, 12, 24], CategoryWeights = [4, 2, 4, 2, 88],
            HourWeights = HourProfiles.Morning, WeekdayFactors = EveryDay,
            OrderShare = 0.45, OrderItemsMin = 1, OrderItemsMax = 2, CouponShare = 0.05, RefundShare = 0.01,
            SupportShare = 0.01, RatingMean = 4.9, MobileShare = 0.95, PriceTier = 0.7, FavouriteShare = 0.3,
            Traits = new PersonaTraits
            {
                AgeMean = 27, AgeDeviation = 4, FemaleShare = 0.93, HouseholdSizeMin = 1, HouseholdSizeMax = 2, PriceSensitivityMean = 0.2,
                EcoInterestMean = 0.95, NewsletterShare = 0.9, UrbanShare = 0.9, AbroadShare = 0.02, TenureMeanDays = 1,
            },
        }.Complete(),
    ];

    /// <summary>What the bargain-prone do on the day of a sale; they are as many and as early as ever, but click promotions and use coupons.</summary>
    private static readonly PersonaBehaviour[] OnSale =
    [
        .. All.Select(behaviour => Story.BargainProne.Contains(behaviour.Persona)
            ? (behaviour with { BrowsingWeights = All[(int)Persona.BargainHunter].BrowsingWeights, CouponShare = 0.95, PriceTier = All[(int)Persona.BargainHunter].PriceTier }).Complete()
            : behaviour),
    ];

    public static double[] ShareCumulative { get; } = Cumulative.Of([.. All.Select(behaviour => behaviour.Share)]);

    /// <summary>The start shares of all ordinary personas except the dormant one, used to draw a shopper's next persona.</summary>
    public static double[] ActiveCumulative { get; } =
        Cumulative.Of([.. All.Where(behaviour => behaviour.Share > 0 && behaviour.Persona != Persona.Dormant).Select(behaviour => behaviour.Share)]);

    public static PersonaBehaviour Of(Persona persona) => All[(int)persona];

    public static PersonaBehaviour OnSaleOf(Persona persona) => OnSale[(int)persona];

    /// <summary>Mean events per customer and day at the start, from the table above.</summary>
    public static double ExpectedEventsPerCustomerDay()
    {
        double individual = Math.Exp(PersonaBehaviour.RateSpread * PersonaBehaviour.RateSpread / 2);
        return All.Sum(behaviour => behaviour.Share * behaviour.VisitsPerDay * behaviour.EventsPerVisit) * individual;
    }
}

/// <summary>Daily profiles: 24 weights by local hour, from midnight.</summary>
internal static class HourProfiles
{
    public static double[] WorkingDay { get; } = [0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 3, 5, 6, 6, 6, 7, 6, 5, 5, 5, 4, 3, 2, 1.5, 1, 0.6, 0.3];

    public static double[] LunchAndAfterWork { get; } = [0.3, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 2, 2, 2, 3, 6, 10, 9, 4, 3, 5, 8, 5, 3, 2, 2, 1, 0.5];

    public static double[] Evening { get; } = [1.5, 0.5, 0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 0.5, 0.4, 0.4, 0.5, 0.8, 0.6, 0.5, 0.6, 1, 2, 7, 10, 13, 14, 11, 5];

    public static double[] Morning { get; } = [0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 2, 5, 9, 12, 12, 9, 5, 3, 3, 2, 2, 1.5, 1, 1, 0.7, 0.4, 0.2, 0.1];

    public static double[] Afternoon { get; } = [0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1, 2, 4, 6, 7, 7, 9, 10, 10, 8, 5, 3, 2, 2, 1.5, 1, 0.5];
}
