using OrleansSegments.Simulator.Randomness;

namespace OrleansSegments.Simulator.Shoppers;

/// <summary>The order a visit ends in. A function of (seed, customer, day, visit), so that a later refund can draw it again. Reused, not kept.</summary>
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

    /// <summary>Fills the draft with the order of a visit that ends in one.</summary>
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

    /// <summary>One number for a visit; visits are counted within their week.</summary>
    public static long VisitKey(int day, int visit) => ((long)day * 16) + visit;
}
