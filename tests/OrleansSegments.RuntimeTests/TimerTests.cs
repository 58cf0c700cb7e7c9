using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

public sealed class TimerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_timer_ticks_when_it_is_due_and_then_every_period()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<ITimerGrain>("t");
        await grain.Start(5 * Second, 10 * Second, interleave: false);

        runtime.Clock.Advance(4 * Second);
        Assert.Equal(0, runtime.Probe.Count("tick:t"));
        runtime.Clock.Advance(Second);
        await runtime.Probe.Reached("tick:t", 1);
        await Settled(grain);
        runtime.Clock.Advance(10 * Second);
        await runtime.Probe.Reached("tick:t", 2);
    }

    [Fact]
    public async Task Timers_stop_with_the_grain()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<ITimerGrain>("t");
        await grain.Start(Second, Second, interleave: false);
        await grain.Deactivate();
        await runtime.Probe.Reached("deactivated:t");
        await Settled(grain);
        var ticks = runtime.Probe.Count("tick:t");

        for (var i = 0; i < 10; i++)
        {
            runtime.Clock.Advance(Second);
            await Settled(grain);
        }

        Assert.Equal(ticks, runtime.Probe.Count("tick:t"));
    }

    [Fact]
    public async Task A_disposed_timer_ticks_no_more()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<ITimerGrain>("t");
        await grain.Start(Second, Second, interleave: false);
        await grain.Stop();

        runtime.Clock.Advance(10 * Second);
        await Settled(grain);

        Assert.Equal(0, runtime.Probe.Count("tick:t"));
    }

    [Fact]
    public async Task A_changed_timer_ticks_at_the_new_time()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<ITimerGrain>("t");
        await grain.Start(TimeSpan.FromHours(1), TimeSpan.FromHours(1), interleave: false);

        await grain.Change(Second, Timeout.InfiniteTimeSpan);
        runtime.Clock.Advance(Second);

        await runtime.Probe.Reached("tick:t");
    }

    [Fact]
    public async Task A_tick_waits_for_the_call_in_progress()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<ITimerGrain>("t");
        await grain.Start(Second, Second, interleave: false);
        var call = grain.Wait("open");
        await runtime.Probe.Reached("arrived:t");

        runtime.Clock.Advance(5 * Second);
        runtime.Probe.Open("open");
        await call;

        Assert.Equal(1, runtime.Probe.Count("left:t:0"));
        await runtime.Probe.Reached("tick:t");
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<ITimerGrain>("t");
        await grain.Start(Second, Second, interleave: true);
        var call = grain.Wait("open");
        await runtime.Probe.Reached("arrived:t");

        runtime.Clock.Advance(Second);

        await runtime.Probe.Reached("tick:t");
        runtime.Probe.Open("open");
        await call;
    }

    [Fact]
    public async Task Ticks_do_not_keep_a_grain_alive()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<ITimerGrain>("t");
        await grain.Start(TimeSpan.FromMinutes(10), Timeout.InfiniteTimeSpan, interleave: false);
        runtime.Clock.Advance(TimeSpan.FromMinutes(10));
        await runtime.Probe.Reached("tick:t");

        // The tick may still be leaving when the first sweeps come by.
        runtime.Clock.Advance(TimeSpan.FromMinutes(7));
        while (runtime.Probe.Count("deactivated:t") == 0)
        {
            await runtime.CollectIdle();
            await Task.Yield();
        }

        await runtime.Probe.Reached("deactivated:t");
    }

    /// <summary>A call that waits its turn behind every tick that was queued before it.</summary>
    private static Task Settled(ITimerGrain grain) => grain.Start(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, interleave: false);
}
