using OrleansSegments.CrashTests.Files;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.CrashTests.Stores;

/// <summary>The store of a silo that is killed: created before the run, deleted after it.</summary>
public interface ICrashStore : IAsyncDisposable
{
    /// <summary>Its name for <c>up --store</c>.</summary>
    string Name { get; }

    /// <summary>The arguments for <c>up</c>.</summary>
    IReadOnlyList<string> Arguments { get; }

    /// <summary>True when the store has its own server, which can be killed.</summary>
    bool HasServer { get; }

    /// <summary>SIGKILL to the server.</summary>
    Task KillServerAsync();

    /// <summary>Restarts the server on what the kill left.</summary>
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

/// <summary>The PostgreSQL store on a private server, which can be killed too.</summary>
public sealed class PostgresCrashStore : ICrashStore
{
    private readonly PostgresServer _server;

    private PostgresCrashStore(PostgresServer server) => _server = server;

    public string Name => "postgresql";

    public IReadOnlyList<string> Arguments => ["--store", "postgresql", "--connection", _server.ConnectionString()];

    public bool HasServer => true;

    /// <summary>Why this store is not available on this machine, and the cure; null when it is.</summary>
    public static string? Unavailable => PostgresServer.Unavailable;

    public static async Task<PostgresCrashStore> StartAsync() => new(await PostgresServer.StartAsync());

    public Task KillServerAsync() => _server.KillAsync();

    public Task StartServerAsync() => _server.StartAgainAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
