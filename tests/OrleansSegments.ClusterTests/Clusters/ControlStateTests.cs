using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Grains.Segments;
using Xunit;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>
/// Control state shared by the silos of a cluster: each state has one document, and a writer with a stale version gets a conflict.
/// </summary>
public sealed class ControlStateTests
{
    private const int Writers = 8;
    private const string State = "segment";

    [Fact]
    public async Task Of_first_writes_that_race_one_wins_and_the_state_stays_readable()
    {
        await using var cluster = await SiloCluster.StartAsync(1, TrainedPopulation.End);
        var storage = StorageOf(cluster);
        for (var round = 0; round < 20; round++)
        {
            var grain = cluster.Silos[0].Grains.GetGrain<ISegmentGrain>(1_000 + round).GetGrainId();
            var writes = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(storage, grain, writer))));

            var winner = Assert.Single(writes, write => write.Won);
            var read = new GrainState<SegmentGrainState>();
            await storage.ReadStateAsync(State, grain, read);
            Assert.Equal((true, "1", winner.Size), (read.RecordExists, read.ETag, read.State!.Sizes.Single().Size));
        }
    }

    [Fact]
    public async Task A_state_is_overwritten_and_cleared_only_by_the_last_reader()
    {
        await using var cluster = await SiloCluster.StartAsync(1, TrainedPopulation.End);
        var storage = StorageOf(cluster);
        var grain = cluster.Silos[0].Grains.GetGrain<ISegmentGrain>(77).GetGrainId();
        var mine = new GrainState<SegmentGrainState>(new SegmentGrainState());
        await storage.WriteStateAsync(State, grain, mine);
        var theirs = new GrainState<SegmentGrainState>();
        await storage.ReadStateAsync(State, grain, theirs);

        await storage.WriteStateAsync(State, grain, theirs);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(State, grain, mine));
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync(State, grain, mine));
        await storage.ClearStateAsync(State, grain, theirs);

        Assert.False(theirs.RecordExists);
        await storage.WriteStateAsync(State, grain, theirs);
        Assert.Equal("1", theirs.ETag);
    }

    private static IGrainStorage StorageOf(SiloCluster cluster) => cluster.Silos[0].Service<IServiceProvider>().GetRequiredKeyedService<IGrainStorage>("control");

    private static async Task<(bool Won, long Size)> WriteAsync(IGrainStorage storage, GrainId grain, int size)
    {
        var state = new GrainState<SegmentGrainState>(new SegmentGrainState { Sizes = [new SizeSample(TrainedPopulation.End, size)] });
        try
        {
            await storage.WriteStateAsync(State, grain, state);
            return (true, size);
        }
        catch (InconsistentStateException)
        {
            return (false, size);
        }
    }
}
