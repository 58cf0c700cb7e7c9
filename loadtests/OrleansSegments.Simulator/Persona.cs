namespace OrleansSegments.Simulator;

/// <summary>A shopper's true persona: the habit from which its events are drawn.</summary>
public enum Persona
{
    /// <summary>Weekly orders of electronics and home goods, high value, rarely a coupon.</summary>
    LoyalBigSpender = 0,

    /// <summary>Follows promotions, orders cheap things with a coupon, reads the newsletter.</summary>
    BargainHunter = 1,

    /// <summary>Young, on the phone in the evening, looks at much fashion, buys little.</summary>
    EveningMobileBrowser = 2,

    /// <summary>Households of four and more with large grocery baskets at the weekend.</summary>
    WeekendFamilyGrocery = 3,

    /// <summary>Orders fashion and beauty, sends half of it back and talks to support.</summary>
    FrequentReturner = 4,

    /// <summary>Lives abroad, buys home goods as gifts, seldom, most before Christmas.</summary>
    GiftBuyerFromAbroad = 5,

    /// <summary>A former customer; silent except for a rare short visit.</summary>
    Dormant = 6,

    /// <summary>Only in a <see cref="Story"/>: buys and reviews beauty products on the phone, at full price.</summary>
    BeautyReviewer = 7,
}

/// <summary>The behaviour of a persona's shoppers: how often they visit, when, and what a visit consists of.</summary>
internal sealed record PersonaBehaviour
{
    /// <summary>Spread (sigma) of the lognormal factor by which one shopper's visit rate differs from the persona's.</summary>
    public const double RateSpread = 0.25;

    /// <summary>A shopper's rate varies by this share around its own mean over one to four months.</summary>
    public const double RateDriftShare = 0.2;

    public const double LandingPageShare = 0.25;
    public const double FeedbackShare = 0.6;
    public const double SupportAfterRefundShare = 0.4;
    public const int CartAddsMax = 3;

    public required Persona Persona { get; init; }

    /// <summary>Share of the population at the start.</summary>
    public required double Share { get; init; }

    public required double VisitsPerDay { get; init; }

    /// <summary>A visit has 1 to this many browsing events, all equally likely.</summary>
    public required int BrowsingEventsMax { get; init; }

    /// <summary>Weights by <see cref="BrowsingAction"/>.</summary>
    public required double[] BrowsingWeights { get; init; }

    /// <summary>Weights by <see cref="ProductCategory"/>; a shopper's own mix drifts around them.</summary>
    public required double[] CategoryWeights { get; init; }

    /// <summary>24 weights by local hour.</summary>
    public required double[] HourWeights { get; init; }

    /// <summary>Seven factors by local weekday from Sunday on, mean 1.</summary>
    public required double[] WeekdayFactors { get; init; }

    /// <summary>Share of visits that end in an order.</summary>
    public required double OrderShare { get; init; }

    public required int OrderItemsMin { get; init; }

    public required int OrderItemsMax { get; init; }

    public required double CouponShare { get; init; }

    public required double RefundShare { get; init; }

    /// <summary>Share of visits that end in a support contact.</summary>
    public required double SupportShare { get; init; }

    /// <summary>Mean of the ratings given, 1 to 5.</summary>
    public required double RatingMean { get; init; }

    public required double MobileShare { get; init; }

    /// <summary>Position in a category's price range: 0 cheapest, 1 dearest.</summary>
    public required double PriceTier { get; init; }

    /// <summary>Share of products taken from the shopper's handful of favourites.</summary>
    public required double FavouriteShare { get; init; }

    /// <summary>Seasonal variation of the rate, highest in mid December.</summary>
    public double SeasonShare { get; init; }

    public required PersonaTraits Traits { get; init; }

    public double[] BrowsingCumulative { get; private set; } = [];

    public double[] HourCumulative { get; private set; } = [];

    public double WeekdayFactorMax { get; private set; }

    /// <summary>Mean number of events per visit, including everything that follows from it.</summary>
    public double EventsPerVisit { get; private set; }

    public PersonaBehaviour Complete()
    {
        BrowsingCumulative = Cumulative.Of(BrowsingWeights);
        HourCumulative = Cumulative.Of(HourWeights);
        WeekdayFactorMax = WeekdayFactors.Max();
        double talk = 1 + FeedbackShare;
        EventsPerVisit = LandingPageShare + ((1 + BrowsingEventsMax) / 2.0) + (SupportShare * talk)
            + (OrderShare * (CartAddsMean() + CouponShare + 1 + (RefundShare * (1 + (SupportAfterRefundShare * talk)))));
        return this;
    }

    private double CartAddsMean()
    {
        double sum = 0;
        for (int items = OrderItemsMin; items <= OrderItemsMax; items++)
        {
            sum += Math.Min(items, CartAddsMax);
        }

        return sum / (OrderItemsMax - OrderItemsMin + 1);
    }
}

/// <summary>
/// Typical traits of a persona's shoppers: means, deviations and shares, so that traits indicate the persona without revealing it. Ages in
/// years, tenure in days, sensitivities from 0 to 1.
/// </summary>
internal sealed record PersonaTraits
{
    public required double AgeMean { get; init; }

    public required double AgeDeviation { get; init; }

    public required double FemaleShare { get; init; }

    public required int HouseholdSizeMin { get; init; }

    public required int HouseholdSizeMax { get; init; }

    public required double PriceSensitivityMean { get; init; }

    public required double EcoInterestMean { get; init; }

    public required double NewsletterShare { get; init; }

    public required double UrbanShare { get; init; }

    public required double AbroadShare { get; init; }

    public required double TenureMeanDays { get; init; }
}

/// <summary>What a shopper does within a visit, apart from ordering.</summary>
internal enum BrowsingAction
{
    ViewProduct = 0,
    ViewList = 1,
    Search = 2,
    AddToCart = 3,
    ClickPromotion = 4,
    AddToWishlist = 5,
    Review = 6,
}
