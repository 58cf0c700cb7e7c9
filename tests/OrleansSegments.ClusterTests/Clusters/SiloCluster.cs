using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.ClusterTests.Storage.Servers;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.ClusterTests.Clusters;

/// <summary>Silos in this process that are a cluster: real sockets on loopback, and a database of their own that they share.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly DateTimeOffset _at;
    private readonly Action<ClusterSettings> _configure;
    private readonly Action<IServiceCollection>? _replace;
    private readonly List<TestSilo> _silos = [];

    private SiloCluster(string connectionString, DateTimeOffset at, Action<ClusterSettings> configure, Action<IServiceCollection>? replace)
    {
        ConnectionString = connectionString;
        _at = at;
        _configure = configure;
        _replace = replace;
    }

    public string ConnectionString { get; }

    public IReadOnlyList<TestSilo> Silos => _silos;

    /// <summary>Where other silos reach the newest one.</summary>
    public int NewestSiloPort { get; private set; }

    /// <summary>Skips the test where no server can be started.</summary>
    public static async Task<SiloCluster> StartAsync(
        int silos, DateTimeOffset at, Action<ClusterSettings>? configure = null, Action<IServiceCollection>? replace = null)
    {
        PostgresRequired.OrSkip();
        var server = await SharedServer.StartedAsync();
        var database = SharedServer.NewSchema();
        await server.CreateDatabaseAsync(database);
        var cluster = new SiloCluster(server.ConnectionString(database), at, configure ?? (static _ => { }), replace);
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

    public StoreArguments Store => new(StoreSelectionOptions.Postgresql, ConnectionString, null, "none", StoreStart.AsItIs);

    /// <summary>One more silo.</summary>
    public async Task<TestSilo> JoinAsync(string clusterId = "tests")
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
            _replace);
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

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos.ToArray())
            await LeaveAsync(silo);
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
