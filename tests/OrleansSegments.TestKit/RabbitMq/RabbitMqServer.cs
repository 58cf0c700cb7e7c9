using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrleansSegments.TestKit.Servers;
using OrleansSegments.TestKit.Waiting;

namespace OrleansSegments.TestKit.RabbitMq;

/// <summary>
/// A private RabbitMQ broker for tests and benchmarks: its own folder and ports, loopback only, user guest with its password, durable. It can
/// be killed and started again. It ends with this process, however that ends.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private const string Cure = "./segments test and ./segments bench fetch it with apt-get (Debian, Ubuntu); or install the package rabbitmq-server.";

    /// <summary>No thread of the broker spins while it has nothing to do: the tests share its processors.</summary>
    private const string Frugal = "+sbwt none +sbwtdcpu none +sbwtdio none";

    private static readonly string[] Roots = [Path.Combine(ArtifactsFolder, "rabbitmq"), "/"];

    private ServerSupervisor? _supervisor;

    private RabbitMqServer(string folder) => Folder = folder;

    /// <summary>Why no broker can be started on this machine, and the cure; null when one can.</summary>
    public static string? Unavailable { get; } = Find("rabbitmq-server") is null || Find("erl") is null ? $"NOT TESTED WITH RABBITMQ: it is not on this machine. {Cure}" : null;

    /// <summary>Contains the data and the log; deleted on disposal.</summary>
    public string Folder { get; }

    public int Port { get; } = FreePorts.Find();

    /// <summary>Its address with credentials.</summary>
    public Uri Address => new($"amqp://guest:guest@127.0.0.1:{Port}/");

    private string LogFile => Path.Combine(Folder, "log");

    /// <summary>Creates a broker and waits until it accepts connections.</summary>
    public static async Task<RabbitMqServer> StartAsync()
    {
        var server = new RabbitMqServer(Directory.CreateTempSubdirectory("rabbitmq-").FullName);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(server.Folder, "plugins"), "[].");
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends SIGKILL to all of the broker's processes; completes when they are gone. The folder is kept.</summary>
    public async Task KillAsync()
    {
        await _supervisor!.TellAsync("kill");
        await _supervisor.LeaveAsync();
        _supervisor = null;
    }

    /// <summary>Starts the broker on its folder and port, and waits until it accepts connections.</summary>
    public async Task StartAgainAsync()
    {
        string erlang = Path.GetDirectoryName(Find("erl"))!;
        _supervisor = await ServerSupervisor.StartAsync(
            ServerUser.Same,
            Folder,
            LogFile,
            ["true"],
            ["env", $"HOME={Folder}", $"PATH={erlang}:{Environment.GetEnvironmentVariable("PATH")}", $"RABBITMQ_NODENAME=n{Port}@localhost",
             "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", $"RABBITMQ_NODE_PORT={Port}", $"RABBITMQ_DIST_PORT={FreePorts.Find()}",
             $"RABBITMQ_MNESIA_BASE={Folder}/mnesia", "RABBITMQ_LOGS=-", "RABBITMQ_CONF_ENV_FILE=/dev/null", $"RABBITMQ_CONFIG_FILE={Folder}/none",
             $"RABBITMQ_ENABLED_PLUGINS_FILE={Folder}/plugins", $"ERL_EPMD_PORT={FreePorts.Find()}", "ERL_EPMD_ADDRESS=127.0.0.1", "ERL_CRASH_DUMP=/dev/null",
             $"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS={Frugal}",
             "sh", "-c", $"epmd & exec {Find("rabbitmq-server")}"],
            stopSignal: "TERM");
        await Condition.HoldsAsync("the broker accepts connections", AcceptsAsync, () => File.ReadAllText(LogFile));
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _supervisor, null) is { } supervisor)
        {
            await supervisor.TellAsync("kill");
            await supervisor.EndAsync();
        }

        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>The folder with everything built, which also holds fetched programs; tests run inside it.</summary>
    private static string ArtifactsFolder => AppContext.BaseDirectory[..(AppContext.BaseDirectory.LastIndexOf("/artifacts/", StringComparison.Ordinal) + "/artifacts".Length)];

    private static string? Find(string program) => Roots
        .SelectMany(root => program == "erl"
            ? [Path.Combine(root, "usr/lib/erlang/bin/erl")]
            : Directory.Exists(Path.Combine(root, "usr/lib/rabbitmq/lib")) ? Directory.GetDirectories(Path.Combine(root, "usr/lib/rabbitmq/lib")).Select(x => Path.Combine(x, "sbin", program)) : [])
        .FirstOrDefault(File.Exists);

    private async Task<bool> AcceptsAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return Process.GetProcessById(_supervisor!.ProcessId).HasExited ? throw new InvalidOperationException($"The broker ended at its start: {await File.ReadAllTextAsync(LogFile)}") : false;
        }
    }
}
