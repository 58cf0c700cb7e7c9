using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.TestKit.Network;
using OrleansSegments.TestKit.Postgres;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>A schema of a server, reached directly, or through a proxy when a test kills a store or breaks its network.</summary>
internal sealed class PostgresPlace : IStorePlace
{
    private readonly string _schema = SharedServer.NewSchema();
    private readonly List<FaultyProxy> _proxies = [];
    private bool _isKilled;

    public PostgresPlace(PostgresServer server, bool isProxied = false)
    {
        Server = server;
        if (isProxied)
        {
            _proxies.Add(FaultyProxy.Start(server.Port));
        }
    }

    public bool CanBeShared => true;

    public PostgresServer Server { get; }

    public string Schema => _schema;

    /// <summary>The proxy between the server and the stores opened from now on.</summary>
    public FaultyProxy Proxy => _proxies.LastOrDefault() ?? throw new InvalidOperationException("The test did not ask for a proxy.");

    /// <summary>The port at which stores reach the server.</summary>
    public int Port => _proxies.Count == 0 ? Server.Port : Proxy.Port;

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public TimeProvider Time { get; set; } = new RunningTime();

    /// <summary>Adjusts the options of the stores last.</summary>
    public Action<PostgresStoreOptions> Configure { get; set; } = static _ => { };

    /// <summary>The name by which the server identifies the connections of the stores opened from now on.</summary>
    private string ApplicationName => $"{_schema}-{_proxies.Count}";

    /// <summary>A new schema on the shared server; skips the test when there is none.</summary>
    public static async Task<IStorePlace> NewAsync(bool isProxied = false)
    {
        PostgresRequired.OrSkip();
        return new PostgresPlace(await SharedServer.StartedAsync(), isProxied);
    }

    public async Task<StoreRun> OpenAsync(StoreSettings? settings = null, FaultPoint? fault = null, bool isShared = false)
    {
        if (_isKilled)
        {
            await BuriedAsync();
        }

        var store = await PostgresStore.OpenAsync(
            Options(settings), isShared ? "tests" : null, Time, Logger, fault ?? (static _ => { }), CancellationToken.None);
        return new StoreRun(store, static () => Task.CompletedTask);
    }

    public PostgresStoreOptions Options(StoreSettings? settings = null)
    {
        var options = new PostgresStoreOptions
        {
            ConnectionString = $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Application Name={ApplicationName}",
            Schema = _schema,
            TotalsInterval = TimeSpan.FromMilliseconds(50),
            DeadlinesInterval = TimeSpan.FromMilliseconds(50),
        };
        options.CommitLimits = settings?.Of(options.CommitLimits) ?? options.CommitLimits;
        options.CommitLanes = settings?.CommitLanes ?? options.CommitLanes;
        Configure(options);
        return options;
    }

    public Task<string> QueryAsync(string sql) => Server.QueryAsync($"SET search_path = {_schema}; {sql}");

    /// <summary>Completes when a session of this place's stores waits for another session's transaction.</summary>
    public Task SomebodyWaitsForALockAsync() => Condition.HoldsAsync(
        "somebody waits for a lock",
        async () => await Server.QueryAsync(
            $"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '{_schema}-%' AND wait_event_type = 'Lock'") != "0\n");

    public void Kill()
    {
        Proxy.Cut();
        _proxies.Add(FaultyProxy.Start(Server.Port));
        _isKilled = true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    // A commit on its way to the server at the kill may still end there; only then is the result of the kill final.
    private Task BuriedAsync()
    {
        var former = string.Join(", ", Enumerable.Range(1, _proxies.Count - 1).Select(number => $"'{_schema}-{number}'"));
        return Condition.HoldsAsync(
            "the server has let go of the killed stores",
            async () => await Server.QueryAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name IN ({former})") == "0\n");
    }
}

/// <summary>The running system clock, for a store with periodic checks.</summary>
internal sealed class RunningTime : TimeProvider;
