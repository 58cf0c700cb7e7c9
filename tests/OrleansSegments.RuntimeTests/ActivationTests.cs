using Orleans.Runtime;
using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

public sealed class ActivationTests
{
    [Fact]
    public async Task Racing_first_calls_reach_one_activation()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        for (var round = 0; round < 200; round++)
        {
            var key = $"c:race{round}";
            using var start = new Barrier(4);
            var calls = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return runtime.Grains.GetGrain<IProbeGrain>(key).Instance();
                },
                TaskCreationOptions.LongRunning).Unwrap());

            var instances = await Task.WhenAll(calls);

            Assert.Single(instances.Distinct());
            Assert.Equal(1, runtime.Probe.Count($"activated:{key}"));
        }
    }

    [Fact]
    public async Task A_reference_alone_activates_nothing_and_the_first_call_does()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        Assert.Equal(0, runtime.Probe.Count("activated:c:1"));

        await grain.Instance();
        await grain.Instance();

        Assert.Equal(1, runtime.Probe.Count("activated:c:1"));
        Assert.Equal(1, await runtime.CountActivations<ProbeGrain>());
    }

    [Fact]
    public async Task An_idle_grain_is_deactivated_and_the_next_call_makes_another()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var first = await grain.Instance();

        runtime.Clock.Advance(TimeSpan.FromMinutes(17));
        await runtime.CollectIdle();
        await runtime.Probe.Reached("deactivated:c:1:ActivationIdle");

        Assert.Equal(0, await runtime.CountActivations<ProbeGrain>());
        Assert.NotEqual(first, await grain.Instance());
    }

    [Fact]
    public async Task A_grain_in_use_is_not_idle()
    {
        await using var runtime = await RuntimeFixture.StartAsync(new() { ResponseTimeout = TimeSpan.FromHours(2) });
        var used = runtime.Grains.GetGrain<IProbeGrain>("c:used");
        var busy = runtime.Grains.GetGrain<IProbeGrain>("c:busy");
        var instance = await used.Instance();
        var waiting = busy.WaitInterleaved("open");
        for (var minute = 0; minute < 20; minute += 5)
        {
            runtime.Clock.Advance(TimeSpan.FromMinutes(5));
            Assert.Equal(instance, await used.Instance());
            await runtime.CollectIdle();
        }

        Assert.Equal(instance, await used.Instance());
        Assert.Equal(2, await runtime.CountActivations<ProbeGrain>());
        runtime.Probe.Open("open");
        await waiting;
    }

    [Fact]
    public async Task A_grain_that_asks_for_it_is_deactivated_after_its_call()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var first = await grain.Instance();

        await grain.Deactivate();

        Assert.NotEqual(first, await grain.Instance());
        Assert.Equal(1, runtime.Probe.Count("deactivated:c:1:ApplicationRequested"));
    }

    [Fact]
    public async Task Calls_that_wait_for_a_closing_grain_are_served_by_the_next_activation()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var first = await grain.Instance();
        var inProgress = grain.Wait("open");
        var closing = grain.Deactivate();
        var waiting = Enumerable.Range(0, 10).Select(_ => grain.Instance()).ToArray();

        runtime.Probe.Open("open");

        await inProgress;
        await closing;
        var second = Assert.Single((await Task.WhenAll(waiting)).Distinct());
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task A_failed_activation_fails_its_call_and_the_next_call_tries_again()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IMoodyGrain>("at-once");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(grain.Attempts);

        Assert.Equal("Not in the mood.", error.Message);
        Assert.Equal(2, await grain.Attempts());
    }

    [Fact]
    public async Task A_graceful_stop_runs_the_deactivation_of_every_grain()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        for (var i = 0; i < 100; i++)
        {
            await runtime.Grains.GetGrain<IProbeGrain>($"c:{i}").Instance();
        }

        await runtime.StopAsync();

        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(1, runtime.Probe.Count($"deactivated:c:{i}:ShuttingDown")));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_ever_for_a_grain_that_is_stuck()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var stuck = runtime.Grains.GetGrain<IProbeGrain>("c:stuck").Wait("never");
        await runtime.Grains.GetGrain<IProbeGrain>("c:idle").Instance();

        var stop = runtime.StopAsync();
        for (var seconds = 0; seconds < 120 && !stop.IsCompleted; seconds++)
        {
            runtime.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await stop;
        Assert.Equal(1, runtime.Probe.Count("deactivated:c:idle:ShuttingDown"));
        await Assert.ThrowsAnyAsync<Exception>(() => stuck);
    }

    [Fact]
    public async Task A_stopped_silo_refuses_calls()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IOverlapGrain>("c:1");
        await grain.TurnOften(1);

        await runtime.StopAsync();

        await Assert.ThrowsAnyAsync<OrleansException>(() => grain.TurnOften(1));
    }

    [Fact]
    public async Task Ended_activations_leave_the_others_as_they_are()
    {
        const int Seed = 20_260;
        const int Grains = 4_000;
        await using var runtime = await RuntimeFixture.StartAsync();
        var random = new Random(Seed);
        var instances = new Guid[Grains];
        for (var i = 0; i < Grains; i++)
        {
            instances[i] = await runtime.Grains.GetGrain<IProbeGrain>($"c:{i}").Instance();
        }

        var ended = Enumerable.Range(0, Grains).Where(_ => random.Next(2) == 0).ToHashSet();
        foreach (var i in ended)
        {
            await runtime.Grains.GetGrain<IProbeGrain>($"c:{i}").Deactivate();
            await runtime.Probe.Reached($"deactivated:c:{i}:ApplicationRequested");
        }

        for (var i = 0; i < Grains; i++)
        {
            var isSame = instances[i] == await runtime.Grains.GetGrain<IProbeGrain>($"c:{i}").Instance();
            Assert.True(isSame != ended.Contains(i), $"seed {Seed}: grain {i}, ended {ended.Contains(i)}, same activation {isSame}");
        }

        Assert.Equal(Grains, await runtime.CountActivations<ProbeGrain>());
    }
}
