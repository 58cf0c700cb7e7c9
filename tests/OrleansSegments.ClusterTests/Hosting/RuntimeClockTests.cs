using OrleansSegments.Silo.Hosting;
using Xunit;

namespace OrleansSegments.ClusterTests.Hosting;

public sealed class RuntimeClockTests
{
    /// <summary>
    /// Regression: Orleans' watchdog compared with timestamp 0 before it was started, and warned of a stall as long as the machine's
    /// uptime.
    /// </summary>
    [Fact]
    public void Timestamps_count_from_the_start_of_the_process() =>
        Assert.InRange(new RuntimeClock().GetElapsedTime(0), TimeSpan.Zero, TimeSpan.FromSeconds(5));
}
