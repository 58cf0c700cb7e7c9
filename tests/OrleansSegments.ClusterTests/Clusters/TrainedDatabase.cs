using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Storage.Places;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>
/// The shoppers of <see cref="TrainedPopulation"/> in a database, created by the first test that needs it; every test gets a copy.
/// </summary>
internal sealed class TrainedDatabase(TrainedPopulation population)
{
    private readonly Lazy<Task<string>> _original = new(() => MakeAsync(population));

    public async Task CopyAsync(PostgresServer server, string database)
    {
        var original = await _original.Value;
        await server.QueryAsync($"CREATE DATABASE \"{database}\" TEMPLATE \"{original}\"");
    }

    private static async Task<string> MakeAsync(TrainedPopulation population)
    {
        var server = await SharedServer.StartedAsync();
        var database = SharedServer.NewSchema();
        await server.CreateDatabaseAsync(database);
        using var folder = population.Copy();
        await using (var source = await EmbeddedStore.OpenAsync(
            new EmbeddedStoreOptions { Folder = folder.Path }, new StillTime(), NullLogger.Instance, CancellationToken.None))
        {
            await PostgresImport.RunAsync(
                source, new PostgresStoreOptions { ConnectionString = server.ConnectionString(database) }, static (_, _, _) => { }, CancellationToken.None);
        }

        // A connection may still be closing, and a database with connections cannot be copied.
        await server.QueryAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        return database;
    }
}
