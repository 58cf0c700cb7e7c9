#if !USE_ORLEANS
using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

/// <summary>Orleans goes on with the next tick of the cadence and does not make up for those that it missed.</summary>
public sealed class MissedReminderTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Ticks_missed_while_the_silo_was_down_are_made_up_for_once()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        await runtime.Grains.GetGrain<IReminderGrain>("r").Register("nightly", Hour, Hour);

        await runtime.RestartAsync(downFor: 5.5 * Hour);
        runtime.Clock.Advance(TimeSpan.FromSeconds(1));
        await runtime.Probe.Reached("reminded:r", 1);
        await runtime.Grains.GetGrain<IReminderGrain>("r").Names();
        Assert.Equal(1, runtime.Probe.Count("reminded:r"));

        runtime.Clock.Advance(Hour / 2);
        await runtime.Probe.Reached("reminded:r", 2);
    }
}
#endif
