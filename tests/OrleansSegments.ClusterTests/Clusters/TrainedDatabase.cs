using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.TestKit.Postgres;
using Xunit;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>The shoppers of <see cref="TrainedPopulation"/> in a database, made by the first test that asks; every test works on a copy.</summary>
internal sealed class TrainedDatabase(TrainedPopulation population)
{
    private const int CustomersMax = 10_000;
    private const string ControlState = "grain-state";

    private readonly Lazy<Task<string>> _original = new(() => MakeAsync(population));

    public async Task CopyAsync(PostgresServer server, string database)
    {
        var original = await _original.Value;
        await server.QueryAsync($"CREATE DATABASE \"{database}\" TEMPLATE \"{original}\"");
    }

    private static async Task<string> MakeAsync(TrainedPopulation population)
    {
        string database;
        using var folder = population.Copy();
        await using (var source = await TestSilo.StartAsync(folder, TrainedPopulation.End))
        await using (var cluster = await SiloCluster.StartAsync(1, TrainedPopulation.End))
        {
            database = cluster.Database;
            await CopyCustomersAsync(source.Service<ICustomerStore>(), cluster.First.Service<ICustomerStore>());
            await CopyControlStateAsync(source.Service<IControlStateStore>(), cluster.First.Service<IControlStateStore>());
        }

        // The driver keeps connections for whoever opens the next one, and a database that somebody is connected to is not copied.
        var server = await SharedServer.StartedAsync();
        await server.QueryAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        return database;
    }

    private static async Task CopyCustomersAsync(ICustomerStore from, ICustomerStore to)
    {
        var due = (await from.ReadDueAsync(long.MaxValue - 1, CustomersMax, CancellationToken.None)).ToDictionary(customer => customer.CustomerId);
        var at = TrainedPopulation.End.ToUnixTimeMilliseconds();
        var commits = (await from.ScanAsync(null, CustomersMax, CancellationToken.None)).Select(customer => to.CommitAsync(new CustomerChange(
            customer.CustomerId,
            null,
            customer.Record with { Version = 1 },
            due.TryGetValue(customer.CustomerId, out var found) ? found.DueAtMilliseconds : null,
            TransitionCause.Event,
            at)).AsTask());
        Assert.All(await Task.WhenAll(commits), outcome => Assert.Equal(CommitOutcome.Committed, outcome));
    }

    private static async Task CopyControlStateAsync(IControlStateStore from, IControlStateStore to)
    {
        foreach (var document in await from.ReadAllAsync(ControlState, CancellationToken.None))
            Assert.True(await to.TryWriteAsync(ControlState, document.Key, 0, document.Content, CancellationToken.None));
    }
}
