using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>A private Redis server: loopback, a free port, a folder of its own, append-only file synced every second.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string ServerProgram = "redis-server";
    private const string ClientProgram = "redis-cli";

    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(20);

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

    public static async Task<RedisServer> StartAsync()
    {
        string folder = Directory.CreateTempSubdirectory("segments-redis-").FullName;
        int port = FreePort();
        string[] settings = ["--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""];
        var server = new RedisServer(Process.Start(new ProcessStartInfo(ServerProgram, settings) { RedirectStandardOutput = true })!, folder, port);
        server._server.OutputDataReceived += static (_, _) => { };
        server._server.BeginOutputReadLine();
        long startedAt = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await server.AskAsync("PING") != "PONG")
        {
            if (Stopwatch.GetElapsedTime(startedAt) > StartsWithin)
            {
                throw new TimeoutException($"Redis did not answer within {StartsWithin}.");
            }

            await timer.WaitForNextTickAsync();
        }

        return server;
    }

    /// <summary>One command through Redis' own client; its answer.</summary>
    public async Task<string> AskAsync(params string[] command)
    {
        using Process client = Process.Start(new ProcessStartInfo(ClientProgram, ["-p", $"{Port}", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string answer = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        return answer.Trim();
    }

    /// <summary>A client that sends commands in Redis' protocol from its input as fast as the server takes them, and then says how many failed.</summary>
    public Process StartPipe() => Process.Start(
        new ProcessStartInfo(ClientProgram, ["-p", $"{Port}", "--pipe"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

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
