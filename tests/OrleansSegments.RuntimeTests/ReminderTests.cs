using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

public sealed class ReminderTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_reminder_ticks_when_it_is_due_and_then_every_period()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        await runtime.Grains.GetGrain<IReminderGrain>("r").Register("nightly", Hour, Hour);

        runtime.Clock.Advance(Hour / 2);
        Assert.Equal(0, runtime.Probe.Count("reminded:r"));
        runtime.Clock.Advance(Hour / 2);
        await runtime.Probe.Reached("reminded:r", 1);

        // A runtime that is still at the first tick when the clock moves waits for the period after.
        for (var hours = 0; hours < 5 && runtime.Probe.Count("reminded:r") < 2; hours++)
        {
            runtime.Clock.Advance(Hour);
            await runtime.Probe.ReachedWithin(TimeSpan.FromSeconds(2), "reminded:r", 2);
        }

        Assert.Equal(2, runtime.Probe.Count("reminded:r"));
    }

    [Fact]
    public async Task Reminders_survive_a_restart()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        await runtime.Grains.GetGrain<IReminderGrain>("r").Register("nightly", Hour, Hour);

        await runtime.RestartAsync();

        Assert.Equal(["nightly"], await runtime.Grains.GetGrain<IReminderGrain>("r").Names());
        runtime.Clock.Advance(Hour);
        await runtime.Probe.Reached("reminded:r");
    }

    [Fact]
    public async Task A_reminder_activates_its_grain()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        await runtime.Grains.GetGrain<IReminderGrain>("r").Register("weekly", 48 * Hour, 168 * Hour);

        runtime.Clock.Advance(47 * Hour);
        await runtime.CollectIdle();
        Assert.Equal(0, await runtime.CountActivations<ReminderGrain>());
        runtime.Clock.Advance(Hour);

        await runtime.Probe.Reached("reminded:r");
    }

    [Fact]
    public async Task An_unregistered_reminder_is_gone_also_after_a_restart()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IReminderGrain>("r");
        await grain.Register("nightly", Hour, Hour);
        await grain.Unregister("nightly");

        await runtime.RestartAsync(downFor: 2 * Hour);
        runtime.Clock.Advance(Hour);

        Assert.Empty(await runtime.Grains.GetGrain<IReminderGrain>("r").Names());
        Assert.Equal(0, runtime.Probe.Count("reminded:r"));
    }

    [Fact]
    public async Task A_period_below_the_minimum_is_refused()
    {
        await using var runtime = await RuntimeFixture.StartAsync();

        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => runtime.Grains.GetGrain<IReminderGrain>("r").Register("hasty", Hour, TimeSpan.FromSeconds(1)));
    }
}
