using Orleans.Runtime;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Silo;
using Xunit;

namespace OrleansSegments.ClusterTests.Features;

/// <summary>A rolling restart with a changed features.json: some events are refused meanwhile, none is lost and none is counted twice.</summary>
public sealed class FeatureChangeOverSilosTests(TrainedPopulation population)
{
    private const int Searchers = 60;

    [Fact]
    public async Task A_rolling_restart_with_new_features_loses_nothing_and_ends_with_a_training()
    {
        using var place = new TestFolder();
        var file = FeatureFile.Write(place);
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 2, TrainedPopulation.End);
        TestSilo[] old = [.. cluster.Silos];
        await SendAsync(old[0], "before");

        var newer = await cluster.JoinAsync(featuresFile: file);

        Assert.Equal(population.ModelVersion + 1, (await newer.Models.Current()).Version);
        Assert.Contains("newer features.json", (await Assert.ThrowsAsync<CommandException>(() => cluster.JoinAsync())).Message, StringComparison.Ordinal);
        List<CustomerEvent> again = [.. await SendAsync(newer, "to the new one"), .. await SendAsync(old[1], "to an old one")];

        Assert.NotEmpty(again);
        foreach (var silo in old)
        {
            await cluster.LeaveAsync(silo);
            newer = await cluster.JoinAsync(featuresFile: file);
        }

        await FeatureChangeTests.AwaitTrainedAsync(newer, population.ModelVersion + 2);
        foreach (var sent in again)
        {
            Assert.Equal(RouteStatus.Durable, (await newer.RouteAsync(sent)).Status);
        }

        for (var customer = 0; customer < Searchers; customer++)
        {
            Assert.Equal(3, (await newer.ViewAsync($"searcher-{customer}")).EventCount);
        }

        Assert.Equal(TrainedPopulation.Customers + Searchers, (await Conservation.AssertComesToHoldAsync(newer)).Count);
        Assert.Equal(2, (await newer.Models.Current()).Summary.FeaturesSince!.Count);
    }

    /// <summary>Sends one event of each searcher in a batch; returns what has to be sent again.</summary>
    private static async Task<CustomerEvent[]> SendAsync(TestSilo silo, string messageId)
    {
        CustomerEvent[] batch = [.. Enumerable.Range(0, Searchers).Select(customer =>
            RandomShopper.Search($"searcher-{customer}", messageId, TrainedPopulation.End))];
        try
        {
            var receipt = await silo.RouteAsync(batch);
            Assert.True(receipt.Status is RouteStatus.Durable or RouteStatus.Unavailable, receipt.ToString());
            return receipt.Status == RouteStatus.Durable ? [] : batch;
        }
        catch (Exception refusal) when (refusal is IOException or OrleansException)
        {
            // Over HTTP this is a 503, like the status above.
            return batch;
        }
    }
}
