using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.Benchmarks.Store;
using OrleansSegments.Storage;
using OrleansSegments.Storage.Embedded;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.Benchmarks.Commits;

/// <summary>Where the store that is measured keeps its customers; gone afterwards.</summary>
internal sealed class CommitsPlace : IAsyncDisposable
{
    private readonly Func<Task<IStore>> _open;
    private readonly Func<ValueTask> _cleanUp;

    private CommitsPlace(Func<Task<IStore>> open, Func<ValueTask> cleanUp) => (_open, _cleanUp) = (open, cleanUp);

    /// <summary>The embedded store in a temporary folder.</summary>
    public static CommitsPlace Folder()
    {
        string folder = Directory.CreateTempSubdirectory("segments-load-").FullName;
        var options = new EmbeddedStoreOptions { Folder = folder };
        return new(
            async () => await EmbeddedStore.OpenAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None),
            () =>
            {
                Directory.Delete(folder, recursive: true);
                return ValueTask.CompletedTask;
            });
    }

    /// <summary>The PostgreSQL store on a server of its own.</summary>
    public static async Task<CommitsPlace> ServerAsync(int lanes)
    {
        PostgresServer server = await PostgresServer.StartAsync(TunedServer.Options());
        var options = new PostgresStoreOptions { ConnectionString = server.ConnectionString(), CommitLanes = lanes };
        return new(
            async () => await PostgresStore.OpenAsync(options, cluster: null, TimeProvider.System, NullLogger.Instance, CancellationToken.None),
            server.DisposeAsync);
    }

    public Task<IStore> OpenAsync() => _open();

    public ValueTask DisposeAsync() => _cleanUp();
}
