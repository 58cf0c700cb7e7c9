using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Storage.Faults;
using OrleansSegments.Storage.Postgres;
using OrleansSegments.TestKit.Network;
using OrleansSegments.TestKit.Postgres;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.ClusterTests.Storage.Places;

/// <summary>A schema of a server, reached directly, or through a proxy where a test kills a store or breaks its network.</summary>
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

    /// <summary>Between the server and the stores that are opened now.</summary>
    public FaultyProxy Proxy => _proxies.LastOrDefault() ?? throw new InvalidOperationException("The test did not ask for a proxy.");

    /// <summary>Where stores find the server.</summary>
    public int Port => _proxies.Count == 0 ? Server.Port : Proxy.Port;

    public ILogger Logger { get; set; } = NullLogger.Instance;

    public TimeProvider Time { get; set; } = new RunningTime();

    /// <summary>Has the last word on the options of the stores that are opened.</summary>
    public Action<PostgresStoreOptions> Configure { get; set; } = static _ => { };

    /// <summary>By this name the server knows the connections of the stores that are opened now.</summary>
    private string ApplicationName => $"{_schema}-{_proxies.Count}";

    /// <summary>A new schema on the server that all tests share; skips the test where there is none.</summary>
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

    /// <summary>Returns when a session of this place's stores waits for another's transaction.</summary>
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

    // A commit that was on its way to the server at the kill may still end there; what the killed left is clear only after that.
    private Task BuriedAsync()
    {
        var former = string.Join(", ", Enumerable.Range(1, _proxies.Count - 1).Select(number => $"'{_schema}-{number}'"));
        return Condition.HoldsAsync(
            "the server has let go of the killed stores",
            async () => await Server.QueryAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name IN ({former})") == "0\n");
    }
}

/// <summary>The clock as it runs, for a store that looks around at intervals.</summary>
internal sealed class RunningTime : TimeProvider;
