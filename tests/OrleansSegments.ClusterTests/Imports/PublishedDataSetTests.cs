using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Tools.Imports;
using Xunit;

namespace OrleansSegments.ClusterTests.Imports;

/// <summary>
/// Compares the published files with figures computed by other tools. The files are too large for the repository: put them into a folder
/// <c>shared/data</c> beside it, or name the folder <c>shared</c> in SEGMENTS_SHARED.
/// </summary>
public sealed class PublishedDataSetTests
{
    [Fact]
    public void Online_Retail_II_gives_the_published_lines_customers_orders_and_revenue()
    {
        using var source = Open("online-retail-ii/online_retail_ii.csv.gz");
        var counters = new ImportCounters();
        var ids = new HashSet<(string, string)>();
        var identified = new HashSet<string>();
        var revenue = 0m;
        var refunded = 0m;
        var last = long.MinValue;
        foreach (var (customerEvent, _, _) in DataSetReaders.Find("online-retail-ii").Read(source, counters))
        {
            Assert.True(customerEvent.OccurredAtMilliseconds >= last, "events come in order of time");
            last = customerEvent.OccurredAtMilliseconds;
            Assert.True(ids.Add((customerEvent.CustomerId, customerEvent.MessageId)), $"{customerEvent.MessageId} came twice");
            if (customerEvent.Kind == EventKind.Identify)
                identified.Add(customerEvent.CustomerId);
            else
                Add(customerEvent);
        }

        Assert.Equal(1_044_847, counters.LinesRead);
        Assert.Equal(5_942, counters.Customers);
        Assert.Equal(235_287, counters.LinesSkipped[SkipReasons.NoCustomer]);
        Assert.Equal(70, counters.LinesSkipped[SkipReasons.ZeroPriceOrQuantity]);
        Assert.Equal(2, counters.LinesSkipped.Count);
        Assert.Equal(36_969, counters.Orders);
        Assert.Equal(7_901, counters.Refunds);
        Assert.Equal(17_431_533.18m, Math.Round(revenue, 2));
        Assert.Equal(1_087_882.14m, Math.Round(refunded, 2));
        Assert.Equal(5_942, identified.Count);
        Assert.Equal(ids.Count, counters.EventsMade);

        void Add(CustomerEvent customerEvent)
        {
            Assert.Contains(customerEvent.CustomerId, identified);
            var total = ImportSample.Body(customerEvent).GetProperty("total").GetDecimal();
            revenue += customerEvent.Name == "Order Completed" ? total : 0;
            refunded += customerEvent.Name == "Order Refunded" ? total : 0;
        }
    }

    [Fact]
    public void A_csv_library_reads_the_same_products_out_of_Online_Retail_II()
    {
        using var source = Open("online-retail-ii/online_retail_ii.csv.gz");
        var read = new Dictionary<string, int>();
        foreach (var (customerEvent, _, _) in DataSetReaders.Find("online-retail-ii").Read(source, new ImportCounters()))
        {
            if (customerEvent.Kind != EventKind.Track)
                continue;

            var body = ImportSample.Body(customerEvent);
            var prefix = customerEvent.Name == "Order Refunded" ? "C" : "";
            foreach (var product in body.GetProperty("products").EnumerateArray())
            {
                var name = product.TryGetProperty("name", out var text) ? text.GetString() : "";
                Count(read, $"{prefix}{body.GetProperty("order_id")}|{product.GetProperty("product_id")}|{name}|{product.GetProperty("quantity")}|{product.GetProperty("price").GetDecimal()}");
            }
        }

        Assert.Equal(809_490, read.Values.Sum());
        foreach (var (line, times) in FromLibrary())
            Assert.True(read.Remove(line, out var found) && found == times, $"{line}: {times} in the file, {found} read");
        Assert.Empty(read);
    }

    [Theory]
    [InlineData("CDNOW_master.txt.gz", 69_659, 23_570)]
    [InlineData("CDNOW_sample.txt.gz", 6_919, 2_357)]
    public void Cdnow_gives_the_published_transactions_and_customers(string file, int transactions, int customers)
    {
        using var source = Open("cdnow/" + file);
        var counters = new ImportCounters();
        var events = DataSetReaders.Find("cdnow").Read(source, counters).Select(replayed => replayed.Event).ToList();

        Assert.Equal((transactions, transactions, customers), (counters.LinesRead, counters.Transactions, counters.Customers));
        Assert.Empty(counters.LinesSkipped);
        Assert.Equal(transactions, events.Select(customerEvent => customerEvent.MessageId).Distinct().Count());
        Assert.Equal(events.Select(customerEvent => customerEvent.OccurredAtMilliseconds).Order(), events.Select(customerEvent => customerEvent.OccurredAtMilliseconds));
    }

    [Fact]
    public void Complete_journey_gives_the_baskets_households_and_sales_of_the_sample()
    {
        var path = PathOf("complete-journey/transactions_sample.csv.gz");
        Assert.SkipWhen(path is null, "complete-journey was not checked: no folder shared/data with it beside the repository, and SEGMENTS_SHARED does not name one.");
        var (baskets, sales) = BasketsFromLibrary(path!);
        using var source = ImportSource.Open(path!);
        var counters = new ImportCounters();
        var events = DataSetReaders.Find("complete-journey").Read(source, counters).Select(replayed => replayed.Event).ToList();

        Assert.Empty(counters.LinesSkipped);
        Assert.Equal(baskets, counters.Orders);
        Assert.Equal(sales, events.Where(made => made.Name == "Order Completed").Sum(made => ImportSample.Body(made).GetProperty("total").GetDecimal()));
    }

    private static (int Baskets, decimal Sales) BasketsFromLibrary(string path)
    {
        var (baskets, sales) = (new HashSet<string>(), 0m);
        using var text = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress));
        using var csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture));
        csv.Read();
        while (csv.Read())
        {
            baskets.Add(csv[2]);
            sales += decimal.Parse(csv[5], CultureInfo.InvariantCulture);
        }

        return (baskets.Count, sales);
    }

    private static Dictionary<string, int> FromLibrary()
    {
        var lines = new Dictionary<string, int>();
        using var file = File.OpenRead(PathOf("online-retail-ii/online_retail_ii.csv.gz")!);
        using var text = new StreamReader(new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Decompress));
        using var csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture));
        csv.Read();
        while (csv.Read())
        {
            var price = decimal.Parse(csv[5], CultureInfo.InvariantCulture);
            if (csv[6].Length > 0 && price > 0)
                Count(lines, $"{csv[0]}|{csv[1]}|{csv[2]}|{csv[3].TrimStart('-')}|{price}");
        }

        return lines;
    }

    private static void Count(Dictionary<string, int> counts, string key) => counts[key] = counts.GetValueOrDefault(key) + 1;

    private static ImportSource Open(string file)
    {
        var path = PathOf(file);
        if (path is null)
            Assert.Skip($"{file} was not checked: no folder shared/data with it beside the repository, and SEGMENTS_SHARED does not name one.");

        return ImportSource.Open(path);
    }

    private static string? PathOf(string file)
    {
        var candidates = new List<string>();
        if (Environment.GetEnvironmentVariable("SEGMENTS_SHARED") is { Length: > 0 } named)
            candidates.Add(named);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            candidates.Add(Path.Combine(folder.FullName, "shared"));

        return candidates.Select(shared => Path.Combine(shared, "data", file)).FirstOrDefault(File.Exists);
    }
}
