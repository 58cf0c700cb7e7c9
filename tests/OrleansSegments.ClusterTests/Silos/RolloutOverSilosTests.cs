using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>A roll-out over several silos is complete exactly when every customer was evaluated.</summary>
public sealed class RolloutOverSilosTests(TrainedPopulation population)
{
    private static readonly TrainingRequest Request = new(SegmentCount: 5, Force: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Three_silos_reach_everyone_once_in_memory_or_not(bool isInMemory)
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, TrainedPopulation.End);
        foreach (var id in isInMemory ? await ReadIdsAsync(cluster.First) : [])
            await cluster.First.ViewAsync(id);

        var version = await cluster.First.PublishAsync(Request);

        await AssertReachedEveryoneAsync(cluster.First, version);
        var progress = await cluster.First.Models.Rollout();
        Assert.Equal(progress.Moved, (await cluster.First.ReadChangesAsync()).Count(change => change.Cause == "model" && change.ModelVersion == version));
        foreach (var silo in cluster.Silos)
        {
            Assert.Contains(nameof(IPopulationWorker.RollOut), silo.Calls().Seen);
            Assert.True(silo.Service<ModelCache>().Current.RolloutComplete);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_silo_that_dies_in_the_middle_of_its_sweep_leaves_nobody_out(bool isDoneButNotAnswered)
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, TrainedPopulation.End);
        var victim = cluster.Silos[2];
        var reached = new TaskCompletionSource();
        Func<string, Task> hold = call =>
        {
            if (call != nameof(IPopulationWorker.RollOut))
                return Task.CompletedTask;

            reached.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        var calls = victim.Calls();
        calls.Before = isDoneButNotAnswered ? calls.Before : hold;
        calls.After = isDoneButNotAnswered ? hold : calls.After;

        var version = (await cluster.First.TrainAsync(Request)).Summary!.Version;
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.False((await cluster.First.Models.Rollout()).Complete);
        await cluster.KillAsync(victim);

        await cluster.First.WaitForRolloutAsync(version);
        await AssertReachedEveryoneAsync(cluster.First, version);
    }

    [Fact]
    public async Task No_customer_is_evaluated_before_every_silo_has_the_model()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, TrainedPopulation.End);
        var asked = new TaskCompletionSource();
        var inForce = new TaskCompletionSource();
        cluster.Silos[1].Calls().Before = call =>
        {
            if (call != nameof(IPopulationWorker.AwaitModel))
                return Task.CompletedTask;

            asked.TrySetResult();
            return inForce.Task;
        };

        var version = (await cluster.First.TrainAsync(Request)).Summary!.Version;
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(2));
        var joined = await cluster.JoinAsync();
        Assert.Equal(version, joined.Service<ModelCache>().Current.Version);
        Assert.DoesNotContain(nameof(IPopulationWorker.RollOut), cluster.Silos[2].Calls().Seen);
        Assert.False((await cluster.First.Models.Rollout()).Complete);
        inForce.SetResult();

        await cluster.First.WaitForRolloutAsync(version);
        await AssertReachedEveryoneAsync(cluster.First, version);
        Assert.Contains(nameof(IPopulationWorker.RollOut), joined.Calls().Seen);
    }

    [Fact]
    public async Task Statistics_are_those_of_a_silo_alone_and_every_silo_adds_its_part()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, TrainedPopulation.End);
        var census = await cluster.First.Grains.GetGrain<Contracts.Segments.ISegmentCensus>(0).Take(withStatistics: true);

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

        Assert.All(cluster.Silos, silo => Assert.Contains(nameof(IPopulationWorker.AddUp), silo.Calls().Seen));
    }

    private static async Task AssertReachedEveryoneAsync(TestSilo silo, int version)
    {
        var progress = await silo.Models.Rollout();
        Assert.Equal((version, true, (long)TrainedPopulation.Customers), (progress.ModelVersion, progress.Complete, progress.Evaluated));

        // No customer is queried before this: the store holds what the roll-out wrote.
        var model = silo.Service<ModelCache>().Current;
        var evaluator = silo.Service<Grains.Customers.CustomerEvaluator>();
        var now = silo.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (id, record, _) in await silo.Service<ICustomerStore>().ScanAsync(null, 10_000, CancellationToken.None))
        {
            var placement = evaluator.Place(model, record, record.State, now);
            Assert.True(placement.SegmentId == record.SegmentId, $"{id} was left in segment {record.SegmentId}; it belongs to {placement.SegmentId}");
        }

        await Conservation.AssertComesToHoldAsync(silo);
    }

    private static async Task<string[]> ReadIdsAsync(TestSilo silo) =>
        [.. (await silo.Service<ICustomerStore>().ScanAsync(null, 10_000, CancellationToken.None)).Select(customer => customer.CustomerId)];
}
