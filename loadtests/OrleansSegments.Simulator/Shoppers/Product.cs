using System.Globalization;
using System.Text;

namespace OrleansSegments.Simulator.Shoppers;

/// <summary>The range of goods: 200 a category, dearer with the rank, with their JSON written once.</summary>
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
