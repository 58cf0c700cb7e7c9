using OrleansSegments.CrashTests.Files;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.CrashTests.Stores;

/// <summary>Where the silo that is killed keeps its data: made before the run, gone after it.</summary>
public interface ICrashStore : IAsyncDisposable
{
    /// <summary>As <c>up --store</c> names it.</summary>
    string Name { get; }

    /// <summary>What <c>up</c> is told of it.</summary>
    IReadOnlyList<string> Arguments { get; }

    /// <summary>Whether the store has a server of its own that can be killed.</summary>
    bool HasServer { get; }

    /// <summary>SIGKILL to the server.</summary>
    Task KillServerAsync();

    /// <summary>Starts the server again on what the kill left behind.</summary>
    Task StartServerAsync();
}

/// <summary>The embedded store in a temporary folder.</summary>
public sealed class EmbeddedCrashStore : ICrashStore
{
    private readonly TemporaryFolder _folder = new();

    public string Name => "embedded";

    public IReadOnlyList<string> Arguments => ["--data", _folder.Path];

    public bool HasServer => false;

    public Task KillServerAsync() => throw new NotSupportedException("The embedded store has no server.");

    public Task StartServerAsync() => throw new NotSupportedException("The embedded store has no server.");

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

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
