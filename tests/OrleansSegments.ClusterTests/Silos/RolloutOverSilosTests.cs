using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Segments;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>A roll-out over several silos is complete when every customer was evaluated, and not before.</summary>
public sealed class RolloutOverSilosTests(TrainedPopulation population)
{
    private static readonly TrainingRequest Request = new(SegmentCount: 5, Force: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Three_silos_reach_everyone_once_in_memory_or_not(bool isInMemory)
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, TrainedPopulation.End, neighbours: 2);
        foreach (var id in isInMemory ? await ReadIdsAsync(silos.First) : [])
            await silos.First.ViewAsync(id);

        var version = await silos.First.PublishAsync(Request);

        await AssertReachedEveryoneAsync(silos.First, version);
        var progress = await silos.First.Models.Rollout();
        Assert.Equal(progress.Moved, (await silos.First.ReadChangesAsync()).Count(change => change.Cause == "model" && change.ModelVersion == version));
        for (var neighbour = 0; neighbour < 2; neighbour++)
        {
            Assert.Contains(nameof(IPopulationWorker.RollOut), silos[neighbour].Calls);
            Assert.True(silos[neighbour].Models.Current.RolloutComplete);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_that_dies_in_the_middle_of_its_sweep_leaves_nobody_out(bool isDoneButNotAnswered)
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, TrainedPopulation.End, neighbours: 2);
        var victim = silos[1];
        var reached = new TaskCompletionSource();
        Func<string, Task> hold = call =>
        {
            if (call != nameof(IPopulationWorker.RollOut))
                return Task.CompletedTask;

            reached.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        victim.Before = isDoneButNotAnswered ? victim.Before : hold;
        victim.After = isDoneButNotAnswered ? hold : victim.After;

        var version = (await silos.First.TrainAsync(Request)).Summary!.Version;
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.False((await silos.First.Models.Rollout()).Complete);
        await silos.KillAsync(victim);

        await silos.First.WaitForRolloutAsync(version);
        await AssertReachedEveryoneAsync(silos.First, version);
    }

    [Fact]
    public async Task Nobody_is_swept_before_the_model_is_in_force_on_every_silo()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, TrainedPopulation.End, neighbours: 2);
        var asked = new TaskCompletionSource();
        var inForce = new TaskCompletionSource();
        silos[0].Before = call =>
        {
            if (call != nameof(IPopulationWorker.AwaitModel))
                return Task.CompletedTask;

            asked.TrySetResult();
            return inForce.Task;
        };

        var version = (await silos.First.TrainAsync(Request)).Summary!.Version;
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(2));
        var joined = await silos.JoinAsync("silo-z");
        Assert.Equal(version, joined.Models.Current.Version);
        Assert.DoesNotContain(nameof(IPopulationWorker.RollOut), silos[1].Calls);
        Assert.False((await silos.First.Models.Rollout()).Complete);
        inForce.SetResult();

        await silos.First.WaitForRolloutAsync(version);
        await AssertReachedEveryoneAsync(silos.First, version);
        Assert.Contains(nameof(IPopulationWorker.RollOut), joined.Calls);
    }

    [Fact]
    public async Task Statistics_are_those_of_a_silo_alone_and_every_silo_adds_its_part()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, TrainedPopulation.End, neighbours: 2);
        var census = await silos.First.Grains.GetGrain<Contracts.Segments.ISegmentCensus>(0).Take(withStatistics: true);

        using var other = population.Copy();
        await using var alone = await TestSilo.StartAsync(other, TrainedPopulation.End);
        var expected = await alone.Grains.GetGrain<Contracts.Segments.ISegmentCensus>(0).Take(withStatistics: true);
        foreach (var (one, two) in expected.Segments.Zip(census.Segments))
        {
            Assert.Equal((one.Id, one.Size), (two.Id, two.Size));
            Assert.Equal(one.FeatureMeans?.Count, two.FeatureMeans?.Count);
            foreach (var (feature, mean) in one.FeatureMeans ?? [])
                Assert.Equal(mean, two.FeatureMeans![feature], 1e-9 * Math.Max(1, Math.Abs(mean)));
        }

        Assert.Contains(nameof(IPopulationWorker.AddUp), silos[0].Calls);
        Assert.Contains(nameof(IPopulationWorker.AddUp), silos[1].Calls);
    }

    private static async Task AssertReachedEveryoneAsync(TestSilo silo, int version)
    {
        var progress = await silo.Models.Rollout();
        Assert.Equal((version, true, (long)TrainedPopulation.Customers), (progress.ModelVersion, progress.Complete, progress.Evaluated));

        // Nobody is asked before this: what the store holds is what the sweep has left there.
        var model = silo.Service<Grains.Models.ModelCache>().Current;
        var evaluator = silo.Service<Grains.Customers.CustomerEvaluator>();
        var now = silo.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (id, record) in await silo.Service<ICustomerStore>().ScanAsync(null, 10_000, CancellationToken.None))
        {
            var placement = evaluator.Place(model, record, record.State, now);
            Assert.True(placement.SegmentId == record.SegmentId, $"{id} was left in segment {record.SegmentId}; it belongs to {placement.SegmentId}");
        }

        await Conservation.AssertHoldsAsync(silo);
    }

    private static async Task<string[]> ReadIdsAsync(TestSilo silo) =>
        [.. (await silo.Service<ICustomerStore>().ScanAsync(null, 10_000, CancellationToken.None)).Select(customer => customer.CustomerId)];
}
