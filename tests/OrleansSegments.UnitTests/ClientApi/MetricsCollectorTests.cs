using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using OrleansSegments.ClientApi.Hosting;
using OrleansSegments.ClientApi.Metrics;
using Xunit;

namespace OrleansSegments.UnitTests.ClientApi;

public sealed class MetricsCollectorTests
{
    [Fact]
    public void Every_kind_of_instrument_is_written_as_prometheus_reads_it()
    {
        using var collector = Collector();
        using var meter = new Meter("OrleansSegments.MetricsCollectorTests");
        var counter = meter.CreateCounter<long>("collector.test.count", description: "Counts.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a\"b"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a\"b"));
        meter.CreateUpDownCounter<int>("collector.test.open").Add(-4);
        meter.CreateObservableGauge("collector.test.depth", () => 1.5);
        meter.CreateObservableCounter("collector.test.sum", () => 9L, "By");
        var histogram = meter.CreateHistogram(
            "collector.test.time", "s", "Times.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var seconds in new[] { 0.1, 0.5, 7 })
        {
            histogram.Record(seconds);
        }

        // Twice: what is observed must not be added up.
        Written(collector);
        Assert.Equal(
            [
                "# HELP collector_test_count_total Counts.",
                "# TYPE collector_test_count_total counter",
                "collector_test_count_total{kind=\"a\\\"b\"} 5",
                "# HELP collector_test_depth collector.test.depth",
                "# TYPE collector_test_depth gauge",
                "collector_test_depth 1.5",
                "# HELP collector_test_open collector.test.open",
                "# TYPE collector_test_open gauge",
                "collector_test_open -4",
                "# HELP collector_test_sum_bytes_total collector.test.sum",
                "# TYPE collector_test_sum_bytes_total counter",
                "collector_test_sum_bytes_total 9",
                "# HELP collector_test_time_seconds Times.",
                "# TYPE collector_test_time_seconds histogram",
                "collector_test_time_seconds_bucket{le=\"0.1\"} 1",
                "collector_test_time_seconds_bucket{le=\"1\"} 2",
                "collector_test_time_seconds_bucket{le=\"+Inf\"} 3",
                "collector_test_time_seconds_sum 7.6",
                "collector_test_time_seconds_count 3",
            ],
            Written(collector));
    }

    [Fact]
    public void Beyond_the_limit_new_series_are_counted_and_left_out()
    {
        var budget = new SeriesBudget(2);
        using var meter = new Meter("a meter of this test");
        var instrument = new MetricInstrument(meter.CreateCounter<long>("n"), budget);
        for (var i = 0; i < 5; i++)
        {
            instrument.Record(1, [new("customer", i)]);
        }

        instrument.Record(1, [new("customer", 0)]);
        Assert.Equal([2.0, 1.0], instrument.Series.Select(series => series.Read().Value));
        Assert.Equal(3, budget.MeasurementsDropped);
    }

    private static MetricsCollector Collector() => new(Options.Create(new ClientApiOptions()));

    private static string[] Written(MetricsCollector collector) =>
        [.. PrometheusFormat.Write(collector.Collect(), 0).Split('\n').Where(line => line.Contains("collector_test", StringComparison.Ordinal))];
}
