using OrleansSegments.Tools.Imports;
using OrleansSegments.Tools.Replay;
using Xunit;

namespace OrleansSegments.ClusterTests.Imports;

public sealed class CompleteJourneyReaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("journey-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Baskets_are_orders_demographics_are_traits_and_redemptions_are_events()
    {
        Write("transactions.csv",
            "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp",
            "900,330,31198570044,1095275,1,0.5,0,0,0,1,2017-01-01T11:53:26Z",
            "906,319,31198705046,1020156,1,1,0.29,0,0,1,2017-01-01T12:35:00Z",
            "900,330,31198570044,9878513,2,1.99,0.1,0,0,1,2017-01-01T11:53:26Z");
        Write("demographics.csv", "household_id,age,income,kids_count", "900,35-44,35-49K,NA");
        Write("coupon_redemptions.csv", "household_id,coupon_upc,campaign_id,redemption_date", "906,51380041013,26,2017-01-02");
        var reader = DataSetReaders.Find("complete-journey");
        using var source = ImportSource.Open(reader.FileOf(_folder.FullName));
        var counters = new ImportCounters();

        List<ReplayEvent> events = [.. reader.Read(source, counters)];

        Assert.Equal([("906", "Coupon Applied"), ("900", null), ("900", "Order Completed"), ("906", "Order Completed")], events.Select(replayed => (replayed.Event.CustomerId, replayed.Event.Name)));
        Assert.Equal("""{"age":"35-44","income":"35-49K"}""", ImportSample.Text(events[1].Event.Body));
        Assert.Equal(
            """{"order_id":"31198570044","currency":"USD","products":[{"product_id":"1095275","quantity":1},{"product_id":"9878513","quantity":2}],"revenue":2.49,"total":2.49}""",
            ImportSample.Text(events[2].Event.Body));
        Assert.Equal((4, 2, true), (counters.LinesRead, counters.Customers, counters.IsComplete));
    }

    [Fact]
    public void A_folder_without_transactions_is_refused()
    {
        var error = Assert.Throws<ImportException>(() => DataSetReaders.Find("complete-journey").FileOf(_folder.FullName));
        Assert.Contains("transactions*.csv", error.Message, StringComparison.Ordinal);
    }

    private void Write(string name, params string[] lines) => File.WriteAllLines(Path.Combine(_folder.FullName, name), lines);
}
