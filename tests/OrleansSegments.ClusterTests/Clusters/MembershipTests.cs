using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Clusters;

public sealed class MembershipTests
{
    private const int Customers = 150;
    private const int EventsEach = 6;

    private static readonly DateTimeOffset At = TrainedPopulation.End;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_silo_gives_the_same_answers_whichever_silo_took_the_events(int silos)
    {
        await using var cluster = await SiloCluster.StartAsync(silos, At);

        await Task.WhenAll(cluster.Silos.Select((silo, number) => silo.RouteAllAsync(EventsOf(number, silos))));

        foreach (var silo in cluster.Silos)
            await AssertAllIsThereAsync(silo);
    }

    [Fact]
    public async Task A_silo_that_leaves_takes_nothing_with_it_and_one_that_joins_knows_everything()
    {
        await using var cluster = await SiloCluster.StartAsync(2, At);
        await Task.WhenAll(cluster.Silos.Select((silo, number) => silo.RouteAllAsync(EventsOf(number, 2))));

        await cluster.LeaveAsync(cluster.Silos[0]);
        await AssertAllIsThereAsync(cluster.Silos[0]);

        await AssertAllIsThereAsync(await cluster.JoinAsync());
    }

    [Fact]
    public async Task A_model_published_by_a_cluster_is_available_to_a_single_silo_and_vice_versa()
    {
        await using var cluster = await SiloCluster.StartAsync(1, At);
        await cluster.Silos[0].RouteAllAsync(EventsOf(0, 1));
        var version = await cluster.Silos[0].PublishAsync(new TrainingRequest(SegmentCount: 3, Force: true));
        await cluster.LeaveAsync(cluster.Silos[0]);

        await using (var alone = await TestSilo.StartAsync(cluster.Store, At, cluster: null))
        {
            Assert.Equal(version, (await alone.Models.Current()).Version);
            version = await alone.PublishAsync(new TrainingRequest(SegmentCount: 4, Force: true));
        }

        var again = await cluster.JoinAsync();
        Assert.Equal(version, (await again.Models.Current()).Version);
        await Conservation.AssertHoldsAsync(again);
    }

    [Fact]
    public async Task A_silo_of_another_cluster_and_a_single_silo_are_refused()
    {
        await using var cluster = await SiloCluster.StartAsync(1, At);

        var stranger = await Assert.ThrowsAsync<StoreException>(() => cluster.JoinAsync("others"));
        var loner = await Assert.ThrowsAsync<StoreException>(() => TestSilo.StartAsync(cluster.Store, At, cluster: null));

        Assert.Contains("Cluster:Id", stranger.Message, StringComparison.Ordinal);
        Assert.Contains("in use", loner.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<Contracts.Events.CustomerEvent> EventsOf(int part, int parts) => Enumerable.Range(0, Customers)
        .SelectMany(customer => RandomShopper.History($"customer-{customer}", customer, EventsEach, At.AddDays(-20), At))
        .Where((_, index) => index % parts == part);

    private static async Task AssertAllIsThereAsync(TestSilo silo)
    {
        CustomerView[] views = await Task.WhenAll(Enumerable.Range(0, Customers).Select(customer => silo.ViewAsync($"customer-{customer}")));
        Assert.All(views, view => Assert.Equal(EventsEach, view.EventCount));
        Assert.Equal(Customers, (await Conservation.AssertComesToHoldAsync(silo)).Count);
    }
}
