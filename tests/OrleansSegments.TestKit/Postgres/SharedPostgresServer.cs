namespace OrleansSegments.TestKit.Postgres;

/// <summary>
/// One server for all tests of an assembly, started by the first test that needs it; each test uses its own database or schema.
/// </summary>
public sealed class SharedPostgresServer : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server;
    private int _names;

    public SharedPostgresServer()
        : this(new PostgresServerOptions())
    {
    }

    public SharedPostgresServer(PostgresServerOptions options) => _server = new(() => PostgresServer.StartAsync(options));

    public Task<PostgresServer> StartedAsync() => _server.Value;

    /// <summary>A name for a schema or database that no other test of this server uses.</summary>
    public string NewName() => $"t{Interlocked.Increment(ref _names)}";

    /// <summary>Creates a database for one test; returns the connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var server = await StartedAsync();
        var database = NewName();
        await server.CreateDatabaseAsync(database);
        return server.ConnectionString(database);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            var server = await _server.Value;
            await server.DisposeAsync();
        }
    }
}
