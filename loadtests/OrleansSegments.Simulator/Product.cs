using System.Globalization;
using System.Text;

namespace OrleansSegments.Simulator;

/// <summary>The product range: 200 per category, price ascending with rank, with their JSON prepared once.</summary>
internal sealed class Product
{
    public const int PerCategory = 200;
    private static readonly (string Name, double PriceMin, double PriceMax)[] Ranges =
        [("fashion", 8, 250), ("electronics", 15, 1500), ("home", 6, 600), ("grocery", 0.6, 18), ("beauty", 3, 90)];

    private Product(ProductCategory category, int rank)
    {
        (string name, double min, double max) = Ranges[(int)category];
        Category = category;
        PriceCents = (long)Math.Round(100 * min * Math.Pow(max / min, rank / (PerCategory - 1.0)));
        string price = (PriceCents / 100m).ToString("0.00", CultureInfo.InvariantCulture);
        string id = string.Create(CultureInfo.InvariantCulture, $"{name[..3]}-{rank:000}");
        Fields = Encoding.UTF8.GetBytes($"\"product_id\":\"{id}\",\"category\":\"{name}\",\"price\":{price}");
    }

    public static Product[][] ByCategory { get; } = [.. Enum.GetValues<ProductCategory>().Select(Range)];

    public static byte[][] CategoryNames { get; } = [.. Ranges.Select(range => Encoding.UTF8.GetBytes(range.Name))];

    public ProductCategory Category { get; }

    public long PriceCents { get; }

    /// <summary>The members product_id, category and price, without braces.</summary>
    public byte[] Fields { get; }

    private static Product[] Range(ProductCategory category) => [.. Enumerable.Range(0, PerCategory).Select(rank => new Product(category, rank))];
}

internal enum ProductCategory
{
    Fashion = 0,
    Electronics = 1,
    Home = 2,
    Grocery = 3,
    Beauty = 4,
}

/// <summary>Draws products by the shopper's category weights, price tier and favourites.</summary>
internal static class ProductChoice
{
    private const int Favourites = 6;
    private const double TierWidth = 0.25;

    public static Product Draw(ref CounterRandom random, in ShopperProfile profile, ReadOnlySpan<double> categories)
    {
        int category = random.NextIndex(categories);
        double spread = random.NextUniform() + random.NextUniform() - 1;
        if (random.NextChance(profile.Behaviour.FavouriteShare))
        {
            var favourite = new CounterRandom((ulong)category, profile.Customer, random.NextBelow(Favourites), RandomStream.Profile);
            spread = (2 * favourite.NextUniform()) - 1;
        }

        int rank = (int)((profile.Behaviour.PriceTier + (TierWidth * spread)) * Product.PerCategory);
        return Product.ByCategory[category][Math.Clamp(rank, 0, Product.PerCategory - 1)];
    }
}

/// <summary>
/// The order at the end of a visit. A pure function of (seed, customer, day, visit), so that a later refund can draw it again. Reused; do
/// not keep it.
/// </summary>
internal sealed class OrderDraft
{
    public const int ItemsMax = 16;
    private const int DiscountPercent = 15;
    private readonly Product[] _products = new Product[ItemsMax];
    private readonly int[] _quantities = new int[ItemsMax];

    public int Items { get; private set; }

    public long SubtotalCents { get; private set; }

    public long DiscountCents { get; private set; }

    public long TotalCents => SubtotalCents - DiscountCents;

    public bool HasCoupon { get; private set; }

    public bool IsRefunded { get; private set; }

    public ulong Number { get; private set; }

    public Product ProductAt(int item) => _products[item];

    public int QuantityAt(int item) => _quantities[item];

    /// <summary>Fills the draft with the order of a visit.</summary>
    public void Draw(ulong seed, in ShopperProfile profile, int day, int visit)
    {
        var random = new CounterRandom(seed, profile.Customer, VisitKey(day, visit), RandomStream.Order);
        PersonaBehaviour behaviour = profile.Behaviour;
        IsRefunded = random.NextChance(behaviour.RefundShare);
        HasCoupon = random.NextChance(behaviour.CouponShare);
        Number = random.Next() >> 16;
        Items = behaviour.OrderItemsMin + random.NextBelow(behaviour.OrderItemsMax - behaviour.OrderItemsMin + 1);
        Span<double> categories = stackalloc double[5];
        profile.FillCategories(day, categories);
        SubtotalCents = 0;
        for (int item = 0; item < Items; item++)
        {
            _products[item] = ProductChoice.Draw(ref random, profile, categories);
            _quantities[item] = random.NextBelow(4) == 0 ? 2 : 1;
            SubtotalCents += _products[item].PriceCents * _quantities[item];
        }

        DiscountCents = HasCoupon ? SubtotalCents * DiscountPercent / 100 : 0;
    }

    /// <summary>A unique number of a visit; visits are counted within their week.</summary>
    public static long VisitKey(int day, int visit) => ((long)day * 16) + visit;
}
