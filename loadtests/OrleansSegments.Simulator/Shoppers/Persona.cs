namespace OrleansSegments.Simulator.Shoppers;

/// <summary>The truth behind a shopper: the habit that its events are drawn from.</summary>
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

    /// <summary>Was a customer once; silent but for a rare short visit.</summary>
    Dormant = 6,
}
