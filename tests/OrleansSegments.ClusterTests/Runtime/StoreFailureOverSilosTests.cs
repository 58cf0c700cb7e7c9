using Npgsql;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Runtime;

/// <summary>Orleans serializes only exceptions of configured namespaces.</summary>
public sealed class StoreFailureOverSilosTests
{
    [Fact]
    public async Task What_the_store_throws_on_one_silo_reaches_a_caller_on_another()
    {
        await using var cluster = await SiloCluster.StartAsync(2, TrainedPopulation.End);
        var distant = Enumerable.Range(0, 100).Select(number => $"c{number}").First(cluster.Silos[1].Service<ISiloMembership>().Current.Holds);
        await cluster.Silos[1].RouteAllAsync([RandomShopper.Order(distant, "m", TrainedPopulation.End)]);
        var near = cluster.Silos[0].Customer(distant);
        Assert.Equal(1, (await near.View())!.EventCount);

        foreach (Exception problem in (Exception[])[new StoreException("the disk is full"), new NpgsqlException("the server is gone")])
        {
            cluster.Silos[1].Store().BeforeRead = () => Task.FromException(problem);
            var told = await Assert.ThrowsAsync(problem.GetType(), async () => await near.History(1));
            Assert.Equal(problem.Message, told.Message);
        }

        cluster.Silos[1].Store().BeforeRead = static () => Task.CompletedTask;
        Assert.Single(await near.History(1));
    }
}
