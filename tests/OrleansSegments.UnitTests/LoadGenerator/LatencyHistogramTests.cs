using OrleansSegments.LoadGenerator;
using Xunit;

namespace OrleansSegments.UnitTests.LoadGenerator;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_are_within_two_per_cent_of_the_exact_ones()
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            var histogram = new LatencyHistogram();
            TimeSpan[] exact = [.. Enumerable.Range(0, 5000).Select(_ => TimeSpan.FromMicroseconds(Math.Exp(random.NextDouble() * 20)))];
            foreach (TimeSpan duration in exact)
            {
                histogram.Record(duration);
            }

            Array.Sort(exact);
            foreach (double percent in new[] { 0.1, 1, 25, 50, 90, 99, 99.9, 100 })
            {
                TimeSpan wanted = exact[Math.Max(0, (int)Math.Ceiling(exact.Length * percent / 100) - 1)];
                double error = Math.Abs((histogram.Percentile(percent) / wanted) - 1);
                Assert.True(error <= 0.02, $"seed {seed}, percentile {percent}: {histogram.Percentile(percent)} for {wanted}");
            }

            Assert.Equal(exact[^1], histogram.Max);
            Assert.Equal(exact[^1], histogram.Percentile(100));
        }
    }

    [Fact]
    public void Every_single_value_is_within_two_per_cent()
    {
        for (double microseconds = 1; microseconds < 3.6e9; microseconds *= 1.0037)
        {
            var histogram = new LatencyHistogram();
            var duration = TimeSpan.FromMicroseconds(microseconds);
            histogram.Record(duration);
            histogram.Record(TimeSpan.FromHours(2));
            Assert.InRange(histogram.Percentile(50) / duration, 0.98, 1.02);
        }
    }

    [Fact]
    public void Without_records_all_is_zero()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal(TimeSpan.Zero, histogram.Percentile(99));
        Assert.Equal(TimeSpan.Zero, histogram.Max);
        Assert.Equal(TimeSpan.Zero, histogram.Mean);
    }

    [Fact]
    public void Beyond_the_range_the_highest_stays_exact()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromHours(-1));
        histogram.Record(TimeSpan.Zero);
        histogram.Record(TimeSpan.FromHours(30));
        Assert.Equal(3, histogram.Count);
        Assert.Equal(TimeSpan.FromHours(30), histogram.Max);
        Assert.Equal(TimeSpan.FromMicroseconds(1), histogram.Percentile(50));
    }

    [Fact]
    public void Merging_equals_recording_together()
    {
        var random = new Random(3);
        LatencyHistogram[] parts = [new(), new()];
        var whole = new LatencyHistogram();
        for (int i = 0; i < 2000; i++)
        {
            var duration = TimeSpan.FromMilliseconds(random.NextDouble() * 100);
            parts[i % 2].Record(duration);
            whole.Record(duration);
        }

        parts[0].Merge(parts[1]);
        Assert.Equal(whole.Count, parts[0].Count);
        Assert.Equal(whole.Max, parts[0].Max);
        Assert.Equal(whole.Mean, parts[0].Mean);
        Assert.All(new double[] { 1, 50, 99 }, percent => Assert.Equal(whole.Percentile(percent), parts[0].Percentile(percent)));
    }

    [Fact]
    public void Threads_lose_no_record()
    {
        var histogram = new LatencyHistogram();
        Parallel.For(0, 40_000, i => histogram.Record(TimeSpan.FromMicroseconds(i)));
        Assert.Equal(40_000, histogram.Count);
        Assert.Equal(TimeSpan.FromMicroseconds(39_999), histogram.Max);
    }
}
