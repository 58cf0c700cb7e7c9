using OrleansSegments.RuntimeTests.Grains;
using OrleansSegments.RuntimeTests.Hosting;
using Xunit;

namespace OrleansSegments.RuntimeTests;

public sealed class StatelessWorkerTests
{
    [Fact]
    public async Task Stateless_workers_run_in_parallel_up_to_their_number()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var worker = runtime.Grains.GetGrain<IWorkerGrain>(0);
        var calls = Enumerable.Range(0, 3).Select(_ => worker.Wait("open")).ToArray();
        await runtime.Probe.Reached("worker", 2);
        Assert.Equal(2, runtime.Probe.Count("worker"));

        runtime.Probe.Open("open");

        Assert.Equal(2, (await Task.WhenAll(calls)).Distinct().Count());
    }

    [Fact]
    public async Task Many_callers_of_a_stateless_worker_are_all_served_by_few_activations()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        var worker = runtime.Grains.GetGrain<IWorkerGrain>(0);
        runtime.Probe.Open("open");

        var instances = await Task.WhenAll(Enumerable.Range(0, 2_000).Select(_ => Task.Run(() => worker.Wait("open"))));

        Assert.InRange(instances.Distinct().Count(), 1, 2);
    }

    [Fact]
    public async Task Idle_workers_are_deactivated()
    {
        await using var runtime = await RuntimeFixture.StartAsync();
        runtime.Probe.Open("open");
        await runtime.Grains.GetGrain<IWorkerGrain>(0).Wait("open");
        Assert.Equal(1, await runtime.CountActivations<WorkerGrain>());

        runtime.Clock.Advance(TimeSpan.FromMinutes(20));
        await runtime.CollectIdle();

        Assert.Equal(0, await runtime.CountActivations<WorkerGrain>());
    }
}
