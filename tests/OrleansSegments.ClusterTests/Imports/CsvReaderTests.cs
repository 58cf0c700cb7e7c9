using System.Text;
using OrleansSegments.Silo;
using OrleansSegments.Tools.Imports;
using Xunit;

namespace OrleansSegments.ClusterTests.Imports;

/// <summary>Tables as they are found, with the maps of docs/import.md.</summary>
public sealed class CsvReaderTests
{
    private static readonly string[] Maps = ReadMaps();

    private static string Shop => Maps[0];

    private static string Analytics => Maps[1];

    private static string Spreadsheet => Maps[2];

    [Fact]
    public void The_maps_of_the_documents_have_at_most_ten_lines() =>
        Assert.All(Maps, map => Assert.InRange(map.Split('\n').Length, 1, 10));

    [Fact]
    public void A_shops_orders_have_a_row_for_each_item_and_the_total_on_the_first()
    {
        var sample = ImportSample.ReadTable(Shop,
            "Name,Email,Paid at,Currency,Total,Discount Code,Shipping Country,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Notes\n"
            + "#1002,bo@example.com,2024-03-02 09:00:00 +0100,EUR,25.00,SPRING,DE,1,\"Mug, blue\",10.00,m-1,\n"
            + "#1002,bo@example.com,,,,,,2,Spoon,7.50,s-1,\n"
            + "#1001,al@example.com,2024-03-01 10:00:00 +0100,EUR,12.00,,FR,3,Cup,4.00,c-1,\"two\nlines\"\n"
            + "#1003,cy@example.com,,EUR,5.00,,FR,1,Cup,5.00,c-1,\n");

        var orders = sample.Events.Where(replayed => replayed.Event.Name == "Order Completed").Select(replayed => replayed.Event).ToList();
        Assert.Equal(["al@example.com", "bo@example.com"], orders.Select(order => order.CustomerId));
        Assert.Equal(
            """{"order_id":"#1002","currency":"EUR","products":[{"product_id":"m-1","name":"Mug, blue","price":10.00,"quantity":1},"""
            + """{"product_id":"s-1","name":"Spoon","price":7.50,"quantity":2}],"revenue":25.00,"total":25.00,"coupon":"SPRING"}""",
            ImportSample.Text(orders[1].Body));
        Assert.Equal(new DateTimeOffset(2024, 3, 2, 8, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), orders[1].OccurredAtMilliseconds);
        Assert.Equal("""{"address":{"country":"DE"}}""", ImportSample.Text(sample.Events.Single(e => e.Event.Name is null && e.Event.CustomerId == "bo@example.com").Event.Body));
        Assert.Equal("  line 6: Paid at is '': no line of its order has both customer and time", sample.Counters.ShowFirst());
        Assert.Equal(4, sample.Counters.LinesRead);
    }

    [Fact]
    public void A_web_analytics_export_has_an_event_in_each_row()
    {
        var sample = ImportSample.ReadTable(Analytics,
            "event_date,event_timestamp,event_name,user_pseudo_id,user_id,ecommerce.transaction_id,ecommerce.purchase_revenue,geo.country\n"
            + "20240301,1709287200123456,session_start,p.1,,,,France\n"
            + "20240301,1709287201123456,view_item,p.1,,(not set),,France\n"
            + "20240301,1709287260000000,purchase,p.1,u1,T7,42.5,France\n"
            + "20240301,1709287270000000,scroll,p.2,,,,\n");

        var events = sample.Events.Where(replayed => replayed.Event.Name is not null).Select(replayed => replayed.Event).ToList();
        Assert.Equal(["Product Viewed", "scroll", "Order Completed"], events.Select(made => made.Name));
        Assert.Equal(["p.1", "p.2", "u1"], events.Select(made => made.CustomerId));
        Assert.Equal(1709287201123, events[0].OccurredAtMilliseconds);
        Assert.Equal("""{"order_id":"T7","currency":"USD","revenue":42.5,"total":42.5}""", ImportSample.Text(events[2].Body));
        Assert.Equal("""{"location":{"country":"France"}}""", ImportSample.Text(events[0].Context));
        Assert.Equal([new KeyValuePair<string, long>(SkipReasons.LeftOutByMap, 1)], sample.Counters.LinesSkipped);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("windows-1252")]
    [InlineData("utf-16")]
    public void A_table_that_went_through_a_spreadsheet_is_understood(string encoding)
    {
        const string table = ";InvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country\r\n"
            + "0;536365.0;85123A;CAFÉ SET;6.0;01/07/2011 10:00;1.002,55;17850.0;France\r\n"
            + "1;536365.0;71053;LANTERN;2;01/07/2011 10:00;3,39;17850.0;France\r\n"
            + "2;536365.0;71053;LANTERN;-1;02/07/2011 10:00;3,39;17850.0;France\r\n"
            + "3;536366.0;71053;LANTERN;6;07/13/2011 10:00;3,39;17850.0;France\r\n";
        var map = TableMap.Parse("map.json", Encoding.UTF8.GetBytes(Spreadsheet.Replace("\"decimalComma\"", $"\"encoding\": \"{encoding}\", \"decimalComma\"", StringComparison.Ordinal)));
        var sample = ImportSample.Read(new CsvReader(map), map.Encoding.GetBytes(table));

        var order = sample.Only("Order Completed");
        Assert.Equal(("17850", "536365"), (order.CustomerId, ImportSample.Body(order).GetProperty("order_id").GetString()));
        Assert.Equal((6022.08m, "CAFÉ SET"), (ImportSample.Body(order).GetProperty("total").GetDecimal(), ImportSample.Body(order).GetProperty("products")[0].GetProperty("name").GetString()));
        Assert.Equal(new DateTimeOffset(2011, 7, 1, 9, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), order.OccurredAtMilliseconds);
        Assert.Equal(3.39m, ImportSample.Body(sample.Only("Order Refunded")).GetProperty("total").GetDecimal());
        Assert.Equal("""{"address":{"country":"France"}}""", ImportSample.Text(sample.Events[0].Event.Body));
        Assert.Equal("  line 5: InvoiceDate is '07/13/2011 10:00': is not a time in the expected format", sample.Counters.ShowFirst());
    }

    [Fact]
    public void A_missing_column_is_told_with_the_nearest_and_the_header()
    {
        var error = Assert.Throws<ImportException>(() => ImportSample.ReadTable(
            """{"event": "=Order Completed", "customer": "custmer_id", "time": "when"}""", "customer_id,date,amount\n1,2024-01-01,5\n"));

        Assert.Equal(ImportFault.HeaderWrong, error.Fault);
        Assert.Contains("'custmer_id' (the nearest is 'customer_id'); 'when'. Its columns are: customer_id, date, amount.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_map_the_columns_are_listed()
    {
        var error = Assert.Throws<ImportException>(() => ImportSample.Read("csv", "a;b;c\n1;2;3\n"));
        Assert.Contains("a, b, c", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{", "is no JSON")]
    [InlineData("""{"evnt": "x"}""", "'evnt' is not known; the nearest is 'event'", "needs 'event'", "needs 'customer'", "needs 'time'")]
    [InlineData("""{"timeFormat": "dd.mm", "timeZone": "Mars/North", "encoding": "klingon", "delimiter": ";;"}""", "'dd.mm'", "'Mars/North'", "'klingon'", "';;'")]
    [InlineData("""{"decimalComma": "yes", "traits": {"age": null}, "customer": 7}""", "'decimalComma'", "'traits'", "'customer' must be a text")]
    public void Everything_that_is_wrong_with_a_map_is_told(string map, params string[] words)
    {
        var error = Assert.Throws<CommandException>(() => TableMap.Parse("map.json", Encoding.UTF8.GetBytes(map)));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x,2024-01-01,ada", "amount is 'x': is not a number")]
    [InlineData("1,,ada", "day is '': is not a time in the expected format")]
    [InlineData("1,3/4/2024,ada", "day is '3/4/2024': is not a time in the expected format")]
    [InlineData("1,2024-01-01,", "who is '': no customer")]
    [InlineData("1,9999-01-01,ada", "day is '9999-01-01': implausible time")]
    [InlineData("1,2024-01-01", "has another number of columns than the header: 1,2024-01-01")]
    [InlineData("\"1,2024-01-01,ada", "does not parse: \"1,2024-01-01,ada")]
    public void A_row_that_cannot_be_read_is_told_with_line_column_and_value(string row, string told)
    {
        var sample = ImportSample.ReadTable(
            """{"event": "=Order Completed", "customer": "who", "time": "day", "amount": "amount"}""", $"amount,day,who\n2,2024-01-01,bo\n{row}\n3,2024-01-02,bo\n");

        Assert.Equal($"  line 3: {told}", sample.Counters.ShowFirst());
        Assert.Equal([2m, 3m], sample.Events.Select(replayed => ImportSample.Body(replayed.Event).GetProperty("revenue").GetDecimal()));
    }

    [Fact]
    public void Reading_again_makes_the_same_message_ids_and_unequal_rows_have_unequal_ones()
    {
        const string map = """{"event": "=Page", "customer": "who", "time": "day", "traits": ["plan"]}""";
        const string table = "who\tday\tplan\tother\nbo\t2024-01-02\tpro\t1\nbo\t2024-01-02\tpro\t2\nbo\t2024-01-01\tfree\t1\n";
        var first = ImportSample.ReadTable(map, table).Events.Select(replayed => replayed.Event.MessageId).ToList();

        Assert.Equal(first, ImportSample.ReadTable(map, table).Events.Select(replayed => replayed.Event.MessageId));
        Assert.Equal(first.Count, first.Distinct().Count());
        Assert.Equal(5, first.Count);
    }

    [Theory]
    [InlineData("1,234.5", false, null)]
    [InlineData("1234.50", false, "1234.50")]
    [InlineData("1.234,50", true, "1234.50")]
    [InlineData("1.234", true, "1234")]
    [InlineData("6.0", true, "6.0")]
    [InlineData("12,5", true, "12.5")]
    [InlineData("12,5", false, null)]
    [InlineData("1.2,5", true, null)]
    [InlineData("", true, null)]
    public void Numbers_have_the_decimal_sign_that_the_map_says(string text, bool decimalComma, string? number) =>
        Assert.Equal(number, CellText.TryNumber(text, decimalComma, out var read) ? read.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);

    /// <summary>The examples of docs/import.md, in their order there.</summary>
    private static string[] ReadMaps()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "OrleansSegments.sln")))
            root = root.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        var blocks = File.ReadAllText(Path.Combine(root.FullName, "docs", "import.md")).Split("```");
        return [.. blocks.Where(block => block.StartsWith("json\n", StringComparison.Ordinal)).Select(block => block["json\n".Length..].Trim())];
    }
}
