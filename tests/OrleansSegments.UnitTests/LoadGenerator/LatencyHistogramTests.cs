using OrleansSegments.LoadGenerator;
using Xunit;

namespace OrleansSegments.UnitTests.LoadGenerator;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Without_records_all_is_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(TimeSpan.Zero, histogram.Percentile(99));
        Assert.Equal(TimeSpan.Zero, histogram.Max);
    }

    [Fact]
    public void A_value_outside_the_range_counts_as_the_nearer_bound()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromHours(-1));
        histogram.Record(TimeSpan.Zero);
        histogram.Record(TimeSpan.FromHours(30));
        Assert.Equal(3, histogram.Count);
        Assert.Equal(1, histogram.Percentile(50).Ticks);
        Assert.Equal(1, histogram.Max / TimeSpan.FromHours(1), 0.001);
    }

    [Fact]
    public void Threads_lose_no_record()
    {
        var histogram = new LatencyHistogram();
        Parallel.For(1, 40_001, i => histogram.Record(TimeSpan.FromMicroseconds(i)));
        Assert.Equal(40_000, histogram.Count);
        Assert.All([1, 50, 99, 100], percent => Assert.Equal(percent * 0.4, histogram.Percentile(percent).TotalMilliseconds, percent * 0.0005));
    }
}
