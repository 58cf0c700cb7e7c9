using System.Globalization;
using System.Text;

namespace OrleansSegments.Simulator;

/// <summary>Writes the properties of order events; amounts are in pounds.</summary>
internal static class OrderText
{
    public static void WriteCoupon(ref JsonText json, OrderDraft order)
    {
        WriteId(ref json, order);
        json.Raw(",\"coupon_id\":\"SAVE15\",\"discount\":"u8);
        json.Hundredths(order.DiscountCents);
        json.Raw("}"u8);
    }

    public static void WriteOrder(ref JsonText json, OrderDraft order)
    {
        WriteId(ref json, order);
        json.Raw(",\"subtotal\":"u8);
        json.Hundredths(order.SubtotalCents);
        json.Raw(",\"discount\":"u8);
        json.Hundredths(order.DiscountCents);
        WriteTotals(ref json, order);
        if (order.HasCoupon)
        {
            json.Raw(",\"coupon\":\"SAVE15\""u8);
        }

        json.Raw(",\"products\":["u8);
        for (int item = 0; item < order.Items; item++)
        {
            json.Raw(item == 0 ? "{"u8 : ",{"u8);
            json.Raw(order.ProductAt(item).Fields);
            json.Raw(",\"quantity\":"u8);
            json.Number(order.QuantityAt(item));
            json.Raw("}"u8);
        }

        json.Raw("]}"u8);
    }

    public static void WriteRefund(ref JsonText json, OrderDraft order)
    {
        WriteId(ref json, order);
        WriteTotals(ref json, order);
        json.Raw("}"u8);
    }

    private static void WriteId(ref JsonText json, OrderDraft order)
    {
        json.Raw("{\"order_id\":\"order-"u8);
        json.Hex(order.Number);
        json.Raw("\""u8);
    }

    private static void WriteTotals(ref JsonText json, OrderDraft order)
    {
        json.Raw(",\"total\":"u8);
        json.Hundredths(order.TotalCents);
        json.Raw(",\"revenue\":"u8);
        json.Hundredths(order.TotalCents);
        json.Raw(",\"currency\":\"USD\""u8);
    }
}

/// <summary>
/// Writes the traits of an identify event: demographic, psychographic and geographic factors, close to the persona's but never equal to
/// them.
/// </summary>
internal static class TraitsText
{
    private const double SensitivityDeviation = 0.08;
    private const double TenureSpread = 0.4;

    /// <param name="json">The output.</param>
    /// <param name="seed">The simulation's seed.</param>
    /// <param name="profile">The shopper.</param>
    /// <param name="start">The tenure is counted back from it: the simulation's start, or a newcomer's arrival.</param>
    public static void Write(ref JsonText json, ulong seed, in ShopperProfile profile, DateTimeOffset start)
    {
        PersonaTraits traits = profile.Traits;
        var random = new CounterRandom(seed, profile.Customer, -1 - profile.Epoch, RandomStream.Profile);
        double tenureDays = traits.TenureMeanDays * Math.Exp(TenureSpread * random.NextNormal());
        json.Raw("{\"createdAt\":\""u8);
        json.Instant(start.AddDays(-Math.Round(tenureDays)));
        json.Raw("\",\"age\":"u8);
        json.Number((long)Math.Clamp(Math.Round(traits.AgeMean + (traits.AgeDeviation * random.NextNormal())), 18, 95));
        json.Raw(random.NextChance(traits.FemaleShare) ? ",\"gender\":\"female\""u8 : ",\"gender\":\"male\""u8);
        json.Raw(",\"household_size\":"u8);
        json.Number(traits.HouseholdSizeMin + random.NextBelow(traits.HouseholdSizeMax - traits.HouseholdSizeMin + 1));
        json.Raw(",\"price_sensitivity\":"u8);
        json.Hundredths(Sensitivity(ref random, traits.PriceSensitivityMean));
        json.Raw(",\"eco_interest\":"u8);
        json.Hundredths(Sensitivity(ref random, traits.EcoInterestMean));
        json.Raw(random.NextChance(traits.NewsletterShare) ? ",\"newsletter\":true"u8 : ",\"newsletter\":false"u8);
        json.Raw(profile.Place.Urban ? ",\"area\":\"urban\""u8 : ",\"area\":\"rural\""u8);
        json.Raw(",\"address\":{\"city\":\""u8);
        json.Ascii(profile.Place.City);
        json.Raw("\",\"country\":\""u8);
        json.Ascii(profile.Place.Country);
        json.Raw("\"}}"u8);
    }

    private static long Sensitivity(ref CounterRandom random, double mean) =>
        (long)Math.Round(100 * Math.Clamp(mean + (SensitivityDeviation * random.NextNormal()), 0, 1));
}

/// <summary>The context objects: one per place and device, written once and shared by all events.</summary>
internal static class EventContexts
{
    private static readonly (string Channel, string Type, string System)[] Devices =
        [("browser", "desktop", "Windows"), ("mobile", "android", "Android"), ("mobile", "ios", "iOS")];

    private static readonly Dictionary<Place, byte[][]> ByPlace =
        Place.All.ToDictionary(place => place, place => Devices.Select(device => Write(place, device)).ToArray());

    public static ReadOnlyMemory<byte> Of(Place place, bool mobile, bool usesApple) => ByPlace[place][!mobile ? 0 : usesApple ? 2 : 1];

    private static byte[] Write(Place place, (string Channel, string Type, string System) device) =>
        Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$$"""
            {"library":{"name":"orleans-segments-simulator","version":"1"},"channel":"{{{device.Channel}}}","device":{"type":"{{{device.Type}}}"},"os":{"name":"{{{device.System}}}"},"locale":"{{{place.Locale}}}","timezone":"{{{place.TimeZone}}}","location":{"city":"{{{place.City}}}","country":"{{{place.Country}}}","region":"{{{(place.Urban ? "urban" : "rural")}}}","latitude":{{{place.Latitude:0.00}}},"longitude":{{{place.Longitude:0.00}}}}}
            """));
}

/// <summary>Event names of the e-commerce and assistant specs that the simulator sends.</summary>
public static class EventNames
{
    public const string ProductViewed = "Product Viewed";
    public const string ProductListViewed = "Product List Viewed";
    public const string ProductsSearched = "Products Searched";
    public const string ProductAdded = "Product Added";
    public const string ProductAddedToWishlist = "Product Added to Wishlist";
    public const string ProductReviewed = "Product Reviewed";
    public const string PromotionClicked = "Promotion Clicked";
    public const string CouponApplied = "Coupon Applied";
    public const string OrderCompleted = "Order Completed";
    public const string OrderRefunded = "Order Refunded";
    public const string ConversationStarted = "Conversation Started";
    public const string FeedbackSubmitted = "Feedback Submitted";
    public const string HomePage = "Home";
}
