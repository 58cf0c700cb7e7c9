using OrleansSegments.Simulator.Randomness;

namespace OrleansSegments.Simulator.Shoppers;

/// <summary>Draws products by the shopper's categories, price tier and favourites.</summary>
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
