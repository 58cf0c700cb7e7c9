using System.Net;
using System.Net.Sockets;
using Orleans.Runtime;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.TestKit.Postgres;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>
/// Silos in this process that form a cluster: real sockets on loopback and a shared database of their own. The first silo has all singleton
/// grains, because it was alone when they were first called.
/// </summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly string _connectionString;
    private readonly DateTimeOffset _at;
    private readonly Action<ClusterSettings> _configure;
    private readonly List<TestSilo> _silos = [];

    private SiloCluster(string database, string connectionString, DateTimeOffset at, Action<ClusterSettings> configure)
    {
        Database = database;
        _connectionString = connectionString;
        _at = at;
        _configure = configure;
    }

    public string Database { get; }

    public IReadOnlyList<TestSilo> Silos => _silos;

    public TestSilo First => _silos[0];

    /// <summary>The port at which other silos reach the newest one.</summary>
    public int NewestSiloPort { get; private set; }

    public StoreArguments Store => new(StoreSelectionOptions.Postgresql, _connectionString, null, "none", StoreStart.AsItIs);

    /// <summary>A cluster without customers. Skips the test where no server can be started.</summary>
    public static Task<SiloCluster> StartAsync(int silos, DateTimeOffset at, Action<ClusterSettings>? configure = null) =>
        StartAsync(silos, at, static (server, database) => server.CreateDatabaseAsync(database), configure);

    /// <summary>A cluster with the customers of <see cref="TrainedPopulation"/>. Skips the test where no server can be started.</summary>
    public static Task<SiloCluster> StartTrainedAsync(TrainedPopulation population, int silos, DateTimeOffset at) =>
        StartAsync(silos, at, population.Database.CopyAsync, configure: null);

    /// <summary>One more silo.</summary>
    public async Task<TestSilo> JoinAsync(string clusterId = "tests", string? featuresFile = null)
    {
        var (siloPort, gatewayPort) = FreePorts();
        var silo = await TestSilo.StartAsync(
            Store,
            _at,
            settings =>
            {
                (settings.Id, settings.SiloPort, settings.GatewayPort) = (clusterId, siloPort, gatewayPort);
                _configure(settings);
            },
            WatchedSilo.Watch,
            featuresFile);
        NewestSiloPort = siloPort;
        _silos.Add(silo);
        return silo;
    }

    /// <summary>Stops a silo as an operator would.</summary>
    public async Task LeaveAsync(TestSilo silo)
    {
        _silos.Remove(silo);
        await silo.DisposeAsync();
    }

    /// <summary>Ends a silo abruptly; nothing is handed over. The others consider it dead at once, without probing it.</summary>
    public async Task KillAsync(TestSilo silo)
    {
        _silos.Remove(silo);
        var address = silo.Service<ILocalSiloDetails>().SiloAddress;
        await silo.KillAsync();
        await First.Service<IClusterMembershipService>().TryKill(address);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos.ToArray())
            await LeaveAsync(silo);
    }

    private static async Task<SiloCluster> StartAsync(
        int silos, DateTimeOffset at, Func<PostgresServer, string, Task> createAsync, Action<ClusterSettings>? configure)
    {
        PostgresRequired.OrSkip();
        var server = await SharedServer.StartedAsync();
        var database = SharedServer.NewSchema();
        await createAsync(server, database);
        var cluster = new SiloCluster(database, server.ConnectionString(database), at, configure ?? (static _ => { }));
        try
        {
            for (var silo = 0; silo < silos; silo++)
                await cluster.JoinAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private static (int Silo, int Gateway) FreePorts()
    {
        using var one = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        one.Start();
        other.Start();
        return (((IPEndPoint)one.LocalEndpoint).Port, ((IPEndPoint)other.LocalEndpoint).Port);
    }
}
