using System.Collections.Concurrent;
using OrleansSegments.ClusterTests.Clusters;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Storage.Customers;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>Due customers are served by one silo, once; and by another one when that silo does not.</summary>
public sealed class DeadlinesOverSilosTests(TrainedPopulation population)
{
    [Fact]
    public async Task Each_silo_serves_its_own_customers()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, TrainedPopulation.End);
        var served = Watch(cluster);
        var due = await PassAsync(cluster, customers: 60);

        await cluster.Silos[1].ServeDeadlinesAsync();

        Assert.Equal(due.Where(cluster.Silos[1].View().Current.Holds).Order(), served.Order());
        Assert.InRange(served.Count, 1, due.Length - 1);
        await cluster.Silos[2].ServeDeadlinesAsync();
        await cluster.First.ServeDeadlinesAsync();
        Assert.Equal(due.Order(), served.Order());
    }

    [Fact]
    public async Task Silos_that_each_think_they_are_alone_serve_everyone_once()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 2, TrainedPopulation.End);
        var due = await PassAsync(cluster, customers: 60);
        var before = await VersionsAsync(cluster, due);
        foreach (var silo in cluster.Silos)
            silo.View().Hide([.. cluster.Silos.Where(other => other != silo).Select(other => other.View().Current.Self)]);

        await Task.WhenAll(cluster.Silos.Select(silo => silo.ServeDeadlinesAsync()));

        Assert.Equal(before.Select(version => version + 1), await VersionsAsync(cluster, due));
    }

    [Fact]
    public async Task The_share_of_a_silo_that_does_not_serve_it_is_served_by_another_once_it_is_overdue()
    {
        await using var cluster = await SiloCluster.StartTrainedAsync(population, 3, TrainedPopulation.End);
        var served = Watch(cluster);
        var due = await PassAsync(cluster, customers: 60);
        await cluster.First.ServeDeadlinesAsync();
        Assert.NotEqual(due.Length, served.Count);

        AdvanceTo(cluster, cluster.First.Clock.GetUtcNow() + DeadlineScanner.OverdueMin);
        await cluster.First.ServeDeadlinesAsync();

        Assert.Superset(due.ToHashSet(), served.ToHashSet());
        Assert.Equal(due.Order(), served.Where(due.Contains).Order());
    }

    private static async Task<IEnumerable<long>> VersionsAsync(SiloCluster cluster, string[] ids) =>
        (await cluster.First.Service<ICustomerStore>().ReadManyAsync(ids, CancellationToken.None)).Select(record => record!.Version);

    /// <summary>Makes customers due at one moment and advances the clocks to it; returns them once every silo knows.</summary>
    private static async Task<string[]> PassAsync(SiloCluster cluster, int customers)
    {
        var store = cluster.First.Store();
        var now = cluster.First.Clock.GetUtcNow().AddMilliseconds(1);
        var chosen = await store.ScanAsync(null, customers, CancellationToken.None);
        await store.UpdateDeadlinesAsync(
            [.. chosen.Select(customer => new DeadlineUpdate(customer.CustomerId, customer.Record.Version, now.ToUnixTimeMilliseconds()))], CancellationToken.None);
        AdvanceTo(cluster, now);
        await Condition.HoldsAsync(
            "every silo knows that somebody is due", () => cluster.Silos.All(silo => silo.Store().EarliestDeadlineMilliseconds <= now.ToUnixTimeMilliseconds()));
        return [.. chosen.Select(customer => customer.CustomerId)];
    }

    private static void AdvanceTo(SiloCluster cluster, DateTimeOffset moment)
    {
        foreach (var silo in cluster.Silos)
            silo.Clock.AdvanceTo(moment);
    }

    /// <summary>Records every write from now on, on any silo, once per write.</summary>
    private static ConcurrentQueue<string> Watch(SiloCluster cluster)
    {
        var written = new ConcurrentQueue<string>();
        foreach (var silo in cluster.Silos)
        {
            silo.Store().Refuse = change =>
            {
                written.Enqueue(change.CustomerId);
                return null;
            };
        }

        return written;
    }
}
