using System.Text;
using System.Text.Json;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// The Complete Journey 2.0 (84.51 degrees; the tables of the R package completejourney as CSV): a basket is an Order Completed. Demographics that stand in
/// the same folder become traits, coupon redemptions become Coupon Applied.
/// </summary>
internal sealed class CompleteJourneyReader : IDataSetReader
{
    private const string Baskets = """
        {"order": "basket_id", "customer": "household_id", "time": "transaction_timestamp", "amount": "sales_value", "currency": "=USD",
         "product": "product_id", "quantity": "quantity"}
        """;

    private const string Redemptions = """
        {"event": "=Coupon Applied", "customer": "household_id", "time": "redemption_date", "properties": {"coupon_id": "coupon_upc", "campaign_id": "campaign_id"}}
        """;

    public string Name => "complete-journey";

    public string Description =>
        "The Complete Journey (84.51 degrees): the folder, or its transactions file; a basket is an Order Completed. Beside it, demographics.csv gives traits "
        + "and coupon_redemptions.csv Coupon Applied.";

    public string FileOf(string path)
    {
        if (!Directory.Exists(path))
            return path;

        return Directory.EnumerateFiles(path, "transactions*.csv*").Order(StringComparer.Ordinal).FirstOrDefault()
            ?? throw new ImportException(ImportFault.FileMissing, $"'{path}' has no file transactions*.csv or transactions*.csv.gz. Name the folder of the tables, or the file itself.");
    }

    public IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters)
    {
        var traits = Traits(source.Name);
        if (Beside(source.Name, "coupon_redemptions.csv") is { } redemptions)
        {
            using var coupons = ImportSource.Open(redemptions);
            foreach (var made in new CsvReader(Map(Redemptions), Name).Read(coupons, counters))
                yield return made;
            counters.IsComplete = false;
        }

        foreach (var made in new CsvReader(Map(Baskets), Name) { TraitsOf = traits }.Read(source, counters))
            yield return made;
    }

    private static TableMap Map(string json) => TableMap.Parse("complete-journey", Encoding.UTF8.GetBytes(json));

    private static Dictionary<string, ReadOnlyMemory<byte>> Traits(string transactions)
    {
        var traits = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        if (Beside(transactions, "demographics.csv") is not { } file)
            return traits;

        using var source = ImportSource.Open(file);
        using var table = new TableReader(source, new ImportCounters());
        var household = table.Find("household_id");
        while (household >= 0 && table.MoveNext())
        {
            var known = table.Header.Select((name, column) => (name, column)).Where(trait => trait.column != household && table[trait.column] is not ("" or "NA"));
            traits[table[household]] = JsonSerializer.SerializeToUtf8Bytes(known.ToDictionary(trait => trait.name, trait => table[trait.column]));
        }

        return traits;
    }

    /// <summary>A table of the same folder, plain or gzip; null when it is not there.</summary>
    private static string? Beside(string transactions, string table)
    {
        var path = Path.Combine(Path.GetDirectoryName(transactions) ?? "", table);
        return File.Exists(path) ? path : File.Exists($"{path}.gz") ? $"{path}.gz" : null;
    }
}
