using OrleansSegments.Tools.Imports;
using Xunit;

namespace OrleansSegments.ClusterTests.Imports;

public sealed class CdnowReaderTests
{
    private const string Header = " customer_id  date number_of_cds  dollar_value\r\n";

    [Fact]
    public void The_master_file_becomes_orders_in_order_of_time_with_ids_as_printed()
    {
        var sample = ImportSample.Read("cdnow", Header + " 00001 19970112  1   11.77\r\n 00002 19970101  5   77.00\r\n");

        Assert.Equal(["00002", "00001"], sample.Events.Select(replayed => replayed.Event.CustomerId));
        Assert.Equal([3L, 2L], sample.Events.Select(replayed => replayed.Line));
        Assert.Equal(
            """{"order_id":"00002-19970101-1","currency":"USD","products":[{"product_id":"cd","quantity":5}],"revenue":77.00,"total":77.00}""",
            ImportSample.Text(sample.Events[0].Event.Body));
        Assert.Equal(new DateTimeOffset(1997, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), sample.Events[0].Event.OccurredAtMilliseconds);
        Assert.Equal((2, 2, 2), (sample.Counters.LinesRead, sample.Counters.Customers, sample.Counters.Transactions));
    }

    [Fact]
    public void The_sample_file_has_no_header_and_a_second_number_which_is_ignored()
    {
        var sample = ImportSample.Read("cdnow", " 00004 0001 19970101  2   29.33\r\n 00021 0002 19970102  3   63.34\r\n");

        Assert.Equal(["cdnow-00004-19970101-1", "cdnow-00021-19970102-1"], sample.Events.Select(replayed => replayed.Event.MessageId));
        Assert.Equal(2, sample.Counters.LinesRead);
    }

    [Fact]
    public void Two_purchases_of_one_customer_on_one_day_stay_two_even_when_they_are_equal()
    {
        var sample = ImportSample.Read("cdnow", Header + " 2 19970112 1 12.00\n 2 19970112 1 12.00\n 2 19970113 1 12.00\n 3 19970112 1 12.00\n");

        Assert.Equal(
            ["cdnow-2-19970112-1", "cdnow-2-19970112-2", "cdnow-3-19970112-1", "cdnow-2-19970113-1"],
            sample.Events.Select(replayed => replayed.Event.MessageId));
    }

    [Fact]
    public void Commas_separate_columns_as_blanks_do()
    {
        var sample = ImportSample.Read("cdnow", "customer_id,date,number_of_cds,dollar_value\n00001,19970101,1,10.00\n");

        Assert.Equal("cdnow-00001-19970101-1", Assert.Single(sample.Events).Event.MessageId);
    }

    [Theory]
    [InlineData("2 19971301 1 12.00", SkipReasons.DoesNotParse)]
    [InlineData("2 19691231 1 12.00", SkipReasons.ImplausibleTime)]
    [InlineData("2 19970101 x 12.00", SkipReasons.DoesNotParse)]
    [InlineData("2 19970101 1", SkipReasons.DoesNotParse)]
    [InlineData("2 0002 19970101 1 12.00", SkipReasons.DoesNotParse)]
    [InlineData("2 0002 19970101 1 12.00 7", SkipReasons.DoesNotParse)]
    [InlineData("2 19970101 0 12.00", SkipReasons.ZeroPriceOrQuantity)]
    [InlineData("2 19970101 -1 12.00", SkipReasons.OrderedLessThanZero)]
    [InlineData("2 19970101 1 -12.00", SkipReasons.NegativePrice)]
    [InlineData("  ", SkipReasons.BlankLine)]
    public void An_unusable_line_is_counted_with_its_reason(string line, string reason)
    {
        var sample = ImportSample.Read("cdnow", Header + "1 19970101 1 0.00\n" + line + "\n3 19970101 1 12.00\n");

        Assert.Equal([new KeyValuePair<string, long>(reason, 1)], sample.Counters.LinesSkipped);
        Assert.Equal((3, 2), (sample.Counters.LinesRead, sample.Counters.Transactions));
    }
}
