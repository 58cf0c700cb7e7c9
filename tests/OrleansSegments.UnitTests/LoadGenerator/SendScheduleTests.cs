using OrleansSegments.LoadGenerator;
using Xunit;

namespace OrleansSegments.UnitTests.LoadGenerator;

public sealed class SendScheduleTests
{
    [Theory]
    [InlineData(1000, 10, 100, 100)]
    [InlineData(1000, 1.05, 100, 11)]
    [InlineData(7, 3, 100, 1)]
    [InlineData(1, 0.001, 1, 1)]
    public void Batches_hold_all_events_of_the_time_at_the_rate(int rate, double seconds, int size, long batches)
    {
        var schedule = new SendSchedule(rate, seconds, size);
        Assert.Equal(batches, schedule.Batches);
        long events = 0;
        for (long batch = 0; batch < batches; batch++)
        {
            Assert.InRange(schedule.EventsIn(batch), 1, size);
            events += schedule.EventsIn(batch);
        }

        Assert.Equal(schedule.Events, events);
    }

    [Fact]
    public void Intended_times_keep_the_rate_without_drift()
    {
        var schedule = new SendSchedule(30_000, 3600, 7);
        Assert.Equal(TimeSpan.Zero, schedule.IntendedAt(0));
        Assert.InRange(schedule.IntendedAt(schedule.Batches).TotalSeconds, 3600, 3600.001);
        for (long batch = 1; batch < 1000; batch++)
        {
            Assert.InRange((schedule.IntendedAt(batch) - schedule.IntendedAt(batch - 1)).TotalMilliseconds, 0.2333, 0.2334);
        }
    }
}
