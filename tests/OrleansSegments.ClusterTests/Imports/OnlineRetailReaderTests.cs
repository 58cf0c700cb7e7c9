using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Tools.Imports;
using OrleansSegments.Tools.Replay;
using Xunit;

namespace OrleansSegments.ClusterTests.Imports;

public sealed class OnlineRetailReaderTests
{
    private const string Header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    [Fact]
    public void An_invoice_is_one_order_with_its_products_after_the_customer_is_identified()
    {
        var sample = Read("489434,85048,GLASS BALL,12,2009-12-01 07:45:00,6.95,13085,France\n489434,22041,\"BOX \"\"OPEN\"\", RED\",2,2009-12-01 07:45:00,0.25,13085,France\n");

        Assert.Equal([EventKind.Identify, EventKind.Track], sample.Events.Select(replayed => replayed.Event.Kind));
        var identify = sample.Events[0].Event;
        Assert.Equal("13085", identify.CustomerId);
        Assert.Equal("""{"address":{"country":"France"}}""", ImportSample.Text(identify.Body));
        var order = sample.Only("Order Completed");
        Assert.Equal("""{"location":{"country":"France"}}""", ImportSample.Text(order.Context));
        Assert.Equal(new DateTimeOffset(2009, 12, 1, 7, 45, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), order.OccurredAtMilliseconds);
        Assert.Equal(
            """{"order_id":"489434","products":[{"product_id":"85048","name":"GLASS BALL","price":6.95,"quantity":12},"""
            + """{"product_id":"22041","name":"BOX \"OPEN\", RED","price":0.25,"quantity":2}],"revenue":83.90,"total":83.90}""",
            ImportSample.Text(order.Body));
        Assert.Equal([2L, 2L], sample.Events.Select(replayed => replayed.Line));
    }

    [Fact]
    public void A_cancelled_invoice_is_a_refund_of_positive_amounts_under_the_number_without_its_letter()
    {
        var sample = Read("C489449,22087,PAPER BUNTING,-12,2009-12-01 10:33:00,2.95,16321,Australia\n");

        var refund = sample.Only("Order Refunded");
        Assert.Equal(
            """{"order_id":"489449","products":[{"product_id":"22087","name":"PAPER BUNTING","price":2.95,"quantity":12}],"total":35.40}""",
            ImportSample.Text(refund.Body));
        Assert.Equal((0, 1, 1), (sample.Counters.Orders, sample.Counters.Refunds, sample.Counters.Transactions));
    }

    [Theory]
    [InlineData("489434,1,A,1,2009-12-01 07:45:00,1.00,,France", SkipReasons.NoCustomer)]
    [InlineData("A506401,B,Adjust bad debt,1,2009-12-01 07:45:00,-9.00,,France", SkipReasons.NoCustomer)]
    [InlineData("A506401,B,Adjust bad debt,1,2009-12-01 07:45:00,-9.00,7,France", SkipReasons.BadDebtAdjustment)]
    [InlineData("X9,B,A,1,2009-12-01 07:45:00,9.00,7,France", SkipReasons.UnknownInvoiceKind)]
    [InlineData("489434,1,A,1,2009-12-01 07:45:00,0.00,7,France", SkipReasons.ZeroPriceOrQuantity)]
    [InlineData("489434,1,A,0,2009-12-01 07:45:00,1.00,7,France", SkipReasons.ZeroPriceOrQuantity)]
    [InlineData("489434,1,A,-1,2009-12-01 07:45:00,1.00,7,France", SkipReasons.OrderedLessThanZero)]
    [InlineData("C489434,1,A,1,2009-12-01 07:45:00,1.00,7,France", SkipReasons.CancelledMoreThanZero)]
    [InlineData("489434,1,A,1,2009-12-01 07:45:00,-1.00,7,France", SkipReasons.NegativePrice)]
    [InlineData("489434,1,A,1,2009-12-01 07:45:00,79228162514264337593543950335,7,France", SkipReasons.ImplausiblePrice)]
    [InlineData("489434,1,A,x,2009-12-01 07:45:00,1.00,7,France", SkipReasons.NoWholeNumber)]
    [InlineData("489434,1,A,99999999999,2009-12-01 07:45:00,1.00,7,France", SkipReasons.NoWholeNumber)]
    [InlineData("489434,1,A,-2147483648,2009-12-01 07:45:00,1.00,7,France", SkipReasons.NoWholeNumber)]
    [InlineData("489434,1,A,1,2009-13-01 07:45:00,1.00,7,France", SkipReasons.NoTime)]
    [InlineData("489434,1,A,1,01/12/2009 07:45:00,1.00,7,France", SkipReasons.NoTime)]
    [InlineData("489434,1,A,1,01/12/2009 7:45,1.00,7,France", SkipReasons.NoTime)]
    [InlineData("489434,1,A,1,13/12/2009 7:45,1.00,7,France", SkipReasons.NoTime)]
    [InlineData("489434,1,A,1,2009-12-01 07:45:00,1e400,7,France", SkipReasons.NoNumber)]
    [InlineData(",1,A,1,2009-12-01 07:45:00,1.00,7,France", SkipReasons.DoesNotParse)]
    [InlineData("489434,1,A,1,2009-12-01 07:45:00,1.00,1", SkipReasons.WrongColumnCount)]
    [InlineData("489434,1,A,1,2009-12-01 07:45:00,1.00,1,France,more", SkipReasons.WrongColumnCount)]
    [InlineData("489434,1,\"A,1,2009-12-01 07:45:00,1.00,7,France", SkipReasons.DoesNotParse)]
    [InlineData("489434,1,A,1,9999-12-01 07:45:00,1.00,7,France", SkipReasons.ImplausibleTime)]
    [InlineData("489434,1,A,1,1969-12-01 07:45:00,1.00,7,France", SkipReasons.ImplausibleTime)]
    [InlineData("", SkipReasons.BlankLine)]
    public void An_unusable_line_is_counted_with_its_reason_and_does_not_affect_others(string line, string reason)
    {
        var sample = Read($"1,1,A,1,2009-12-01 07:45:00,1.00,7,France\n{line}\n2,1,A,1,2009-12-01 07:46:00,1.00,7,France\n");

        Assert.Equal(3, sample.Counters.LinesRead);
        Assert.Equal([new KeyValuePair<string, long>(reason, 1)], sample.Counters.LinesSkipped);
        Assert.Equal(2, sample.Counters.Orders);
        Assert.Equal(3, sample.Counters.EventsMade);
        Assert.Equal(3, sample.Events.Count);
    }

    [Fact]
    public void A_customer_without_any_usable_line_is_only_identified()
    {
        var sample = Read("1,a,A,1,2009-12-01 07:45:00,0.00,7,France\n2,a,A,1,2009-12-01 07:45:00,1.00,8,France\n1,b,B,1,2009-12-01 07:46:00,0.00,7,France\n");

        Assert.Equal([("7", EventKind.Identify), ("8", EventKind.Identify), ("8", EventKind.Track)], sample.Events.Select(replayed => (replayed.Event.CustomerId, replayed.Event.Kind)));
        Assert.Equal(2, sample.Counters.LinesSkipped[SkipReasons.ZeroPriceOrQuantity]);
        Assert.Equal((3, 2, 3), (sample.Counters.LinesRead, sample.Counters.Customers, sample.Counters.EventsMade));
    }

    [Fact]
    public void A_line_that_is_not_utf8_or_far_too_long_is_counted()
    {
        byte[] content =
        [
            .. Encoding.UTF8.GetBytes(Header + "1,1,"), 0xff, .. Encoding.UTF8.GetBytes(",1,2009-12-01 07:45:00,1.00,7,France\n"),
            .. Encoding.UTF8.GetBytes($"1,1,{new string('A', 300_000)},1,2009-12-01 07:45:00,1.00,7,France\n1,1,A,1,2009-12-01 07:45:00,1.00,7,France"),
        ];

        var sample = ImportSample.Read("online-retail-ii", content);

        Assert.Equal(1, sample.Counters.LinesSkipped[SkipReasons.NotUtf8]);
        Assert.Equal(1, sample.Counters.LinesSkipped[SkipReasons.LineTooLong]);
        Assert.Equal(1, sample.Counters.Orders);
    }

    [Fact]
    public void Lines_of_one_invoice_that_are_mixed_with_others_and_minutes_apart_are_one_order_at_the_first_time()
    {
        var sample = Read(
            "1,a,A,1,2009-12-01 07:45:00,1.00,7,France\n2,b,B,1,2009-12-01 07:45:00,1.00,8,Spain\n"
            + "1,c,C,1,2009-12-01 07:54:00,2.00,7,France\n3,d,D,1,2009-12-01 09:54:00,1.00,7,France\n");

        Assert.Equal(3, sample.Counters.Orders);
        var orders = sample.Events.Where(replayed => replayed.Event.Kind == EventKind.Track).Select(replayed => replayed.Event).ToList();
        Assert.Equal([3m, 1m, 1m], orders.Select(order => ImportSample.Body(order).GetProperty("total").GetDecimal()));
        Assert.Equal(orders.Select(order => order.OccurredAtMilliseconds).Order(), orders.Select(order => order.OccurredAtMilliseconds));
    }

    [Fact]
    public void An_invoice_number_of_two_customers_or_of_two_days_is_several_orders_with_different_ids()
    {
        var sample = Read(
            "1,a,A,1,2009-12-01 07:45:00,1.00,7,France\n1,b,B,1,2009-12-01 07:45:00,1.00,8,France\n1,a,A,1,2009-12-02 07:45:00,1.00,7,France\n");

        Assert.Equal(3, sample.Counters.Orders);
        Assert.Equal(5, sample.Events.Select(replayed => (replayed.Event.CustomerId, replayed.Event.MessageId)).Distinct().Count());
    }

    /// <summary>Regression: what was more than an hour older than a line before it was skipped, and a file sorted by customer lost whole customers.</summary>
    [Fact]
    public void The_order_of_the_lines_does_not_matter()
    {
        string[] lines =
        [
            "3,a,A,1,2011-02-01 10:00:00,30.00,8,France", "1,a,A,1,2011-03-01 10:00:00,20.00,7,France", "1,b,B,2,2011-03-01 10:05:00,1.00,7,France",
            "4,a,A,1,2011-05-01 10:00:00,50.00,8,Spain", "2,a,A,1,2011-06-01 10:00:00,40.00,7,France", "C2,a,A,-1,2011-06-01 11:00:00,40.00,7,France",
        ];
        var inTimeOrder = Essence(Read(string.Join('\n', lines)));

        Assert.Equal(8, inTimeOrder.Count);
        Assert.Equal(inTimeOrder, Essence(Read(string.Join('\n', lines.OrderBy(line => line.Split(',')[6], StringComparer.Ordinal)))));
        Assert.Equal(inTimeOrder, Essence(Read(string.Join('\n', lines.Reverse()))));

        static List<string> Essence(ImportSample sample) =>
            [.. sample.Events.Select(replayed => $"{replayed.Event.CustomerId} {replayed.Event.MessageId} {replayed.Event.OccurredAtMilliseconds} {ImportSample.Text(replayed.Event.Body)}")];
    }

    /// <summary>Regression: each of these lost lines or everything.</summary>
    [Theory]
    [InlineData("1,a,A,6.0,2011-03-01 10:00:00,2.5500000,90001.0,France", "15.30")]
    [InlineData("1,a,A,6,2011-03-01T10:00:00,2.55,90001,France\n1,b,\"SET OF 3\nMUGS\",1,2011-03-01T10:00,3,90001,France", "18.30")]
    [InlineData("\"1\",\"a\",\"A\",\"6\",\"2011-03-01 10:00:00\",\"2.55\",\"90001\",\"France\"\r\n\r\n", "15.30")]
    [InlineData("1,a,A,6,12/31/2010 8:26,2.55,90001,France", "15.30")]
    public void What_spreadsheets_make_of_the_lines_is_read(string lines, string total) => AssertOneOrder(Read(lines), total);

    [Theory]
    [InlineData(",InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n0,1,a,A,6,2011-03-01 10:00,2.55,90001,France")]
    [InlineData("InvoiceNo;StockCode;Description;Quantity;InvoiceDate;UnitPrice;CustomerID;Country\n1;a;A;6;2011-03-01 10:00:00;2,55;90001;France")]
    [InlineData("\uFEFF\"InvoiceNo\",\"StockCode\",\"Description\",\"Quantity\",\"InvoiceDate\",\"UnitPrice\",\"CustomerID\",\"Country\"\r\n1,a,A,6,2011-03-01 10:00:00,2.55,90001,France\r\n")]
    [InlineData("Country,Customer ID,Price,InvoiceDate,Quantity,Description,StockCode,Invoice,Total\nFrance,90001,2.55,2011-03-01 10:00:00,6,A,a,1,15.3")]
    public void Columns_are_found_by_name_whatever_stands_between_them(string file) => AssertOneOrder(ImportSample.Read("online-retail-ii", file), "15.30");

    [Fact]
    public void A_cancellation_may_begin_with_a_small_letter() =>
        Assert.Equal("7", ImportSample.Body(Read("c7,a,A,-1,2011-03-01 10:00:00,2.55,90001,France").Only("Order Refunded")).GetProperty("order_id").GetString());

    [Fact]
    public void A_skipped_line_is_told_with_its_number_column_and_value()
    {
        var sample = Read("1,a,A,1,2011-03-01 10:00:00,2.55,7,France\n2,a,A,six,2011-03-01 10:00:00,2.55,7,France\n");

        Assert.Equal("  line 3: Quantity is 'six': is not a whole number", sample.Counters.ShowFirst());
    }

    [Fact]
    public void A_customer_who_moves_is_identified_again_and_an_unspecified_country_is_none()
    {
        var sample = Read(
            "1,a,A,1,2009-12-01 07:45:00,1.00,7,France\n2,a,A,1,2009-12-02 07:45:00,1.00,7,France\n"
            + "3,a,A,1,2009-12-03 07:45:00,1.00,7,Spain\n4,a,A,1,2009-12-04 07:45:00,1.00,8,Unspecified\n");

        Assert.Equal(
            ["""{"address":{"country":"France"}}""", """{"address":{"country":"Spain"}}""", "{}"],
            sample.Events.Where(replayed => replayed.Event.Kind == EventKind.Identify).Select(replayed => ImportSample.Text(replayed.Event.Body)));
        Assert.True(sample.Events[^1].Event.Context.IsEmpty);
    }

    [Fact]
    public void The_publishers_own_header_carriage_returns_a_byte_order_mark_and_floating_customer_ids_are_understood()
    {
        var sample = ImportSample.Read(
            "online-retail-ii",
            "\uFEFFInvoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\r\n1,a,A,1,2009-12-01 07:45:00,1.00,13085.0,France\r\n");

        Assert.Equal("13085", sample.Only("Order Completed").CustomerId);
    }

    [Fact]
    public void Reading_again_makes_the_same_events_packed_or_not()
    {
        var content = Encoding.UTF8.GetBytes(Header + "1,a,A,1,2009-12-01 07:45:00,1.00,7,France\nC2,a,A,-1,2009-12-01 07:46:00,1.00,7,France\n");

        var plain = ImportSample.Read("online-retail-ii", content);
        var packed = ImportSample.Read("online-retail-ii", ImportSample.Gzip(content));

        Assert.Equal(plain.Events.Select(Essence), packed.Events.Select(Essence));
        Assert.Equal(3, plain.Events.Select(replayed => replayed.Event.MessageId).Distinct().Count());

        static string Essence(ReplayEvent replayed) =>
            $"{replayed.Line} {replayed.Event.CustomerId} {replayed.Event.MessageId} {replayed.Event.OccurredAtMilliseconds} {ImportSample.Text(replayed.Event.Body)}";
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_description_survives_the_quoting_of_a_csv_library(int seed)
    {
        const string alphabet = "aB\",;' \\é漢<&{";
        var random = new Random(seed);
        var descriptions = Enumerable.Range(0, 500)
            .Select(_ => new string(Enumerable.Range(0, random.Next(1, 12)).Select(_ => alphabet[random.Next(alphabet.Length)]).ToArray()))
            .ToList();
        using var text = new StringWriter();
        using (var csv = new CsvWriter(text, new CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }))
        {
            for (var index = 0; index < descriptions.Count; index++)
            {
                foreach (var field in new[] { $"{index}", "x", descriptions[index], "1", "2009-12-01 07:45:00", "1.00", "7", "France" })
                    csv.WriteField(field);
                csv.NextRecord();
            }
        }

        var sample = Read(text.ToString());

        var read = sample.Events.Where(replayed => replayed.Event.Kind == EventKind.Track)
            .Select(replayed => ImportSample.Body(replayed.Event).GetProperty("products")[0].GetProperty("name").GetString());
        Assert.True(descriptions.SequenceEqual(read), $"seed {seed}: a description changed on its way through the file");
    }

    private static void AssertOneOrder(ImportSample sample, string total)
    {
        var order = sample.Only("Order Completed");
        Assert.Equal("90001", order.CustomerId);
        Assert.Equal(decimal.Parse(total, CultureInfo.InvariantCulture), ImportSample.Body(order).GetProperty("total").GetDecimal());
        Assert.Equal(6, ImportSample.Body(order).GetProperty("products")[0].GetProperty("quantity").GetInt32());
        Assert.All(sample.Counters.LinesSkipped.Keys, reason => Assert.Equal(SkipReasons.BlankLine, reason));
    }

    private static ImportSample Read(string lines) => ImportSample.Read("online-retail-ii", Header + lines);
}
