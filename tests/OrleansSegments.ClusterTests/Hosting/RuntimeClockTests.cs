using OrleansSegments.Silo.Hosting;
using Xunit;

namespace OrleansSegments.ClusterTests.Hosting;

public sealed class RuntimeClockTests
{
    /// <summary>Orleans' watchdog compares with timestamp 0 where it was not started yet, and warned of a stall as long as the machine had been up.</summary>
    [Fact]
    public void Timestamps_count_from_the_start_of_the_process() =>
        Assert.InRange(new RuntimeClock().GetElapsedTime(0), TimeSpan.Zero, TimeSpan.FromSeconds(5));
}
