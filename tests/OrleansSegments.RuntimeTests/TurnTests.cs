using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

public sealed class TurnTests
{
    [Fact]
    public async Task Calls_from_many_threads_run_one_after_the_other()
    {
        const int Calls = 2_000;
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");

        var counts = await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Task.Run(grain.CountSlowly)));

        Assert.Equal(Enumerable.Range(1, Calls), counts.Order());
    }

    [Fact]
    public async Task A_call_waits_until_the_call_before_it_has_ended()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var first = grain.Wait("first");
        await runtime.Probe.Reached("arrived:c:1");
        var second = grain.Wait("second");
        runtime.Probe.Open("second");
        Assert.Equal(1, runtime.Probe.Count("arrived:c:1"));
        Assert.False(second.IsCompleted);

        runtime.Probe.Open("first");

        await first;
        await second;
        Assert.Equal(2, runtime.Probe.Count("left:c:1"));
    }

    [Fact]
    public async Task A_method_marked_always_interleave_runs_while_another_call_awaits()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var blocking = grain.Wait("blocking");
        var interleaved = grain.WaitInterleaved("interleaved");
        runtime.Probe.Open("interleaved");

        await interleaved;

        Assert.False(blocking.IsCompleted);
        runtime.Probe.Open("blocking");
        await blocking;
    }

    [Fact]
    public async Task An_interleaving_call_in_progress_keeps_nobody_out()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var interleaved = grain.WaitInterleaved("interleaved");

        await grain.Instance();

        Assert.False(interleaved.IsCompleted);
        runtime.Probe.Open("interleaved");
        await interleaved;
    }

    [Fact]
    public async Task Read_only_calls_interleave_with_each_other_and_with_nothing_else()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var readers = new[] { grain.WaitReading("readers"), grain.WaitReading("readers") };
        await runtime.Probe.Reached("arrived:c:1", 2);
        var writer = grain.Wait("writer");
        Assert.Equal(2, runtime.Probe.Count("arrived:c:1"));

        runtime.Probe.Open("readers");
        await Task.WhenAll(readers);
        await runtime.Probe.Reached("arrived:c:1", 3);
        var lateReader = grain.WaitReading("readers");
        Assert.False(lateReader.IsCompleted);

        runtime.Probe.Open("writer");
        await writer;
        await lateReader;
    }

    [Fact]
    public async Task Calls_of_a_reentrant_grain_interleave()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IOverlapGrain>("c:1");
        var first = grain.Wait("first");
        var second = grain.Wait("second");
        await runtime.Probe.Reached("arrived:c:1", 2);

        runtime.Probe.Open("second");
        Assert.Equal(2, await second);
        runtime.Probe.Open("first");
        Assert.Equal(2, await first);
    }

    [Fact]
    public async Task Turns_of_a_reentrant_grain_never_run_at_the_same_time()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IOverlapGrain>("c:1");

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => grain.TurnOften(50))));
    }

    [Fact]
    public async Task A_one_way_call_does_not_wait()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");

        await grain.WaitOneWay("open");

        Assert.Equal(0, runtime.Probe.Count("left:c:1"));
        runtime.Probe.Open("open");
        await runtime.Probe.Reached("left:c:1");
    }

    [Fact]
    public async Task A_failing_one_way_call_disturbs_nobody()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var grain = runtime.Grains.GetGrain<IProbeGrain>("c:1");
        var instance = await grain.Instance();

        await grain.FailOneWay();

        Assert.Equal(instance, await grain.Instance());
    }

    [Fact]
    public async Task A_long_chain_of_grains_does_not_overflow_the_stack()
    {
        const int Grains = 5_000;
        await using var runtime = await RuntimeFixture.StartAsync();

        Assert.Equal(Grains + 1, await runtime.Grains.GetGrain<IProbeGrain>("c:1").Chain(Grains));
    }

    [Fact]
    public async Task Racing_calls_and_deactivations_keep_one_activation_and_lose_no_call()
    {
        const int Seed = 77;
        await using var runtime = await RuntimeFixture.StartAsync();
        var workers = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var random = new Random(Seed + worker);
            for (var i = 0; i < 3_000; i++)
            {
                var key = $"c:{random.Next(5)}";
                var grain = runtime.Grains.GetGrain<IProbeGrain>(key);
                await (random.Next(10) switch
                {
                    0 => grain.Deactivate(),
                    < 4 => grain.CountSlowly(),
                    _ => grain.Instance(),
                });
            }
        }));

        await Task.WhenAll(workers);
        await runtime.StopAsync();

        for (var i = 0; i < 5; i++)
        {
            var ended = runtime.Probe.Count($"deactivated:c:{i}:ApplicationRequested") + runtime.Probe.Count($"deactivated:c:{i}:ShuttingDown");
            Assert.True(runtime.Probe.Count($"activated:c:{i}") == ended, $"seed {Seed}: grain {i} has {ended} ends");
        }
    }
}
