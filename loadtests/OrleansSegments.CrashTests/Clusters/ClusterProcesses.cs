using System.Net;
using System.Net.Sockets;
using OrleansSegments.CrashTests.Processes;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.CrashTests.Clusters;

/// <summary>The silos of one cluster and a separate API, each in its own process, on one database.</summary>
public sealed class ClusterProcesses : IAsyncDisposable
{
    private const int LinesMax = 25;

    private readonly SiloLaunch[] _launches;
    private readonly SiloNetwork? _network;
    private readonly SiloProcess?[] _silos;
    private SiloProcess? _api;

    private ClusterProcesses(SiloLaunch[] launches, SiloNetwork? network)
    {
        (_launches, _network) = (launches, network);
        _silos = new SiloProcess?[launches.Length];
    }

    /// <summary>The API, which no fault affects.</summary>
    public SiloProcess Api => _api!;

    public IReadOnlyList<SiloProcess> Silos => [.. _silos.Select(silo => silo!)];

    /// <param name="connection">Connection to a database used only by this cluster.</param>
    /// <param name="settings">Environment variables of all processes.</param>
    /// <param name="arguments">Additional arguments of the silos.</param>
    /// <param name="network">The silos' network; null for this process's own.</param>
    public static async Task<ClusterProcesses> StartAsync(
        string connection, int silos, IReadOnlyDictionary<string, string> settings, string[] arguments, SiloNetwork? network = null)
    {
        int[] ports = FreePorts(2 * silos);
        var all = new Dictionary<string, string>(settings) { ["Store__ConnectionString"] = connection };
        if (network is not null)
        {
            // The network is private to this test.
            all["Cluster__AllowPlaintext"] = "true";
        }

        SiloLaunch[] launches = [.. Enumerable.Range(0, silos).Select(silo => new SiloLaunch(
            SiloProgram.Path,
            [],
            ["--cluster", "--silo-port", $"{ports[2 * silo]}", "--gateway-port", $"{ports[(2 * silo) + 1]}", .. Advertised(network, silo), .. arguments],
            all)
        {
            Wrapper = network?.Enter(silo) ?? [],
        })];
        var cluster = new ClusterProcesses(launches, network);
        try
        {
            for (int silo = 0; silo < silos; silo++)
            {
                await cluster.StartAsync(silo);
            }

            cluster._api = await SiloProcess.StartAsync(new SiloLaunch(SiloProgram.Path, [], [], all) { Command = "api" });
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task KillAsync(int silo) => _silos[silo]!.KillAsync();

    public void Stall(int silo) => _silos[silo]!.Stall();

    public void GoOn(int silo) => _silos[silo]!.GoOn();

    /// <summary>SIGTERM; returns the exit code.</summary>
    public Task<int> StopAsync(int silo) => _silos[silo]!.StopAsync();

    /// <summary>Starts a silo in place of a dead one, on the same ports.</summary>
    public async Task StartAsync(int silo)
    {
        if (_silos[silo] is { } former)
        {
            await former.DisposeAsync();
        }

        _silos[silo] = await SiloProcess.StartAsync(_launches[silo], _network is null ? SiloLaunch.AnyPort : $"http://{_network.AddressOf(silo)}:0");
    }

    private static string[] Advertised(SiloNetwork? network, int silo) => network is null ? [] : ["--advertise", network.AddressOf(silo)];

    /// <summary>Acts like an orchestrator: restarts dead silos, and waits until all processes are ready.</summary>
    public async Task MakeWholeAsync(TimeSpan within)
    {
        await Condition.HoldsAsync(
            "all silos and the API are ready",
            async () =>
            {
                for (int silo = 0; silo < _silos.Length; silo++)
                {
                    if (_silos[silo]!.IsOver)
                    {
                        await StartAsync(silo);
                    }
                }

                foreach (SiloProcess process in _silos.Append(_api).Select(process => process!))
                {
                    if (process.IsOver || !await process.Api.IsThereAndReadyAsync())
                    {
                        return false;
                    }
                }

                return true;
            },
            Describe,
            within);
    }

    /// <summary>The last lines of every process's output.</summary>
    public string Describe() => string.Join('\n', _silos.Append(_api).Where(process => process is not null).Select((process, number) =>
        $"Process {number + 1}{(process!.IsOver ? " (over)" : "")}:\n{string.Join('\n', process.Errors.Split('\n').TakeLast(LinesMax))}\n"
        + string.Join('\n', process.Output.Split('\n').TakeLast(LinesMax))));

    public async ValueTask DisposeAsync()
    {
        foreach (SiloProcess? process in _silos.Prepend(_api))
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }
}
