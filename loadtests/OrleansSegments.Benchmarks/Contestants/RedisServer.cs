using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>A private Redis server: loopback, a free port, a folder of its own, append-only file synced every second.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string ServerProgram = "redis-server";

    private readonly Process _server;
    private readonly string _folder;

    private RedisServer(Process server, string folder, int port)
    {
        _server = server;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Whether the programs are on the path.</summary>
    public static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, ServerProgram)));

    public static RedisServer Start()
    {
        string folder = Directory.CreateTempSubdirectory("segments-redis-").FullName;
        int port = FreePort();
        string[] settings = ["--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""];
        var server = new RedisServer(Process.Start(new ProcessStartInfo(ServerProgram, settings) { RedirectStandardOutput = true })!, folder, port);
        server._server.OutputDataReceived += static (_, _) => { };
        server._server.BeginOutputReadLine();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _server.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
