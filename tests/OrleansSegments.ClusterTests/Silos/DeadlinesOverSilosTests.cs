using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Deadlines;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Storage.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Silos;

/// <summary>Who is due is served by one silo, once; and by another when that one does not.</summary>
public sealed class DeadlinesOverSilosTests(TrainedPopulation population)
{
    [Fact]
    public async Task Each_silo_serves_those_that_fall_to_it()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, TrainedPopulation.End, neighbours: 2);
        var served = Watch(silos.Store);
        var due = await PassAsync(silos.First, customers: 60);

        await ScannerOf(silos, "silo-b").ScanAsync(CancellationToken.None);

        Assert.Equal(due.Where(id => silos.Silos.SeenBy("silo-b").Current.Holds(id)).Order(), served.Order());
        Assert.InRange(served.Count, 1, due.Length - 1);
        await ScannerOf(silos, "silo-c").ScanAsync(CancellationToken.None);
        await silos.First.ServeDeadlinesAsync();
        Assert.Equal(due.Order(), served.Order());
    }

    [Fact]
    public async Task Silos_that_each_think_they_are_alone_serve_everyone_once()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, TrainedPopulation.End, neighbours: 0);
        var due = await PassAsync(silos.First, customers: 60);
        var before = await VersionsAsync(silos.Store, due);
        var other = new SiloList("silo-b");

        await Task.WhenAll(
            ScannerOf(silos, SeveralSilos.FirstName).ScanAsync(CancellationToken.None),
            ScannerOf(silos, "silo-b", other).ScanAsync(CancellationToken.None));

        Assert.Equal(before.Select(version => version + 1), await VersionsAsync(silos.Store, due));
    }

    [Fact]
    public async Task The_share_of_a_silo_that_does_not_serve_it_is_served_by_another_once_it_is_overdue()
    {
        using var folder = population.Copy();
        await using var silos = await SeveralSilos.StartAsync(folder, TrainedPopulation.End, neighbours: 2);
        var served = Watch(silos.Store);
        var due = await PassAsync(silos.First, customers: 60);
        await silos.First.ServeDeadlinesAsync();
        Assert.NotEqual(due.Length, served.Count);

        silos.First.Clock.AdvanceTo(silos.First.Clock.GetUtcNow() + DeadlineScanner.OverdueMin);
        await silos.First.ServeDeadlinesAsync();

        Assert.Superset(due.ToHashSet(), served.ToHashSet());
        Assert.Equal(due.Order(), served.Where(due.Contains).Order());
    }

    private static async Task<IEnumerable<long>> VersionsAsync(ICustomerStore store, string[] ids) =>
        (await store.ReadManyAsync(ids, CancellationToken.None)).Select(record => record!.Version);

    /// <summary>Makes so many customers due at one moment, and moves the clock there; returns them.</summary>
    private static async Task<string[]> PassAsync(TestSilo silo, int customers)
    {
        var store = silo.Service<ICustomerStore>();
        var now = silo.Clock.GetUtcNow().AddMilliseconds(1);
        var chosen = await store.ScanAsync(null, customers, CancellationToken.None);
        await store.UpdateDeadlinesAsync(
            [.. chosen.Select(customer => new DeadlineUpdate(customer.CustomerId, customer.Record.Version, now.ToUnixTimeMilliseconds()))], CancellationToken.None);
        silo.Clock.AdvanceTo(now);
        return [.. chosen.Select(customer => customer.CustomerId)];
    }

    /// <summary>Everyone who is written from now on, as often as it is.</summary>
    private static ConcurrentQueue<string> Watch(UnreliableStore store)
    {
        var written = new ConcurrentQueue<string>();
        store.Refuse = change =>
        {
            written.Enqueue(change.CustomerId);
            return null;
        };
        return written;
    }

    private static DeadlineScanner ScannerOf(SeveralSilos silos, string name, SiloList? seen = null) => new(
        silos.Store,
        silos.First.Service<Reconsiderations>(),
        (seen ?? silos.Silos).SeenBy(name),
        silos.First.Service<IOptions<DeadlineOptions>>(),
        silos.First.Service<SegmentsMetrics>(),
        silos.First.Clock,
        NullLogger<DeadlineScanner>.Instance);
}
