using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.CrashTests.Stores;

/// <summary>The PostgreSQL store on a private server, which is killed like the silo.</summary>
public sealed class PostgresCrashStore : ICrashStore
{
    private readonly PostgresServer _server;

    private PostgresCrashStore(PostgresServer server) => _server = server;

    public string Name => "postgresql";

    public IReadOnlyList<string> Arguments => ["--store", "postgresql", "--connection", _server.ConnectionString()];

    public bool HasServer => true;

    /// <summary>Why there can be no such store on this machine, and the cure; null when there can.</summary>
    public static string? Unavailable => PostgresServer.Unavailable;

    public static async Task<PostgresCrashStore> StartAsync() => new(await PostgresServer.StartAsync());

    public Task KillServerAsync() => _server.KillAsync();

    public Task StartServerAsync() => _server.StartAgainAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
