using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrleansSegments.LoadGenerator;
using StackExchange.Redis;

namespace OrleansSegments.Benchmarks.Contestants;

/// <summary>
/// Redis with its append-only file synced every second, so that a crash may lose a second: per event a script decays forty features, adds
/// three, finds the nearest of eight centroids and updates the totals. No message ids, hysteresis, deadlines or transition log. Sends
/// pipelined batches, so there is no latency per event.
/// </summary>
internal sealed class RedisContestant(RedisServer server) : IContestant
{
    private const int BatchEvents = 20_000;

    /// <summary>State: time, segment and forty sums, packed; the centroids are a fixed sequence.</summary>
    private const string Script = """
        local features, centroids = 40, 8
        local now = tonumber(ARGV[1])
        local packed = redis.call('GET', KEYS[1])
        local state = packed and { struct.unpack('dd' .. string.rep('d', features), packed) } or { now, -1 }
        if not packed then for i = 1, features do state[2 + i] = 0 end end
        local elapsed = math.max(0, now - state[1])
        for i = 1, features do state[2 + i] = state[2 + i] * 2 ^ (-elapsed / (86400000 * i)) end
        for i = 2, 6, 2 do local f = 2 + tonumber(ARGV[i]); state[f] = state[f] + tonumber(ARGV[i + 1]) end
        local nearest, least = -1, math.huge
        local values = {}
        for i = 1, features do values[i] = math.log(1 + state[2 + i]) end
        for k = 1, centroids do
          local distance = 0
          for i = 1, features do local d = values[i] - ((k * 7 + i * 3) % 11) / 5; distance = distance + d * d end
          if distance < least then nearest, least = k, distance end
        end
        if nearest ~= state[2] then
          if state[2] > 0 then redis.call('HINCRBY', 'totals', state[2], -1) end
          redis.call('HINCRBY', 'totals', nearest, 1)
        end
        state[1], state[2] = math.max(now, state[1]), nearest
        redis.call('SET', KEYS[1], struct.pack('dd' .. string.rep('d', features), unpack(state, 1, 2 + features)))
        return nearest
        """;

    private ConnectionMultiplexer? _connection;
    private IDatabase? _database;

    public string Name => "script on Redis, synced every second";

    public async Task PrepareAsync(IngestEvents events, CancellationToken cancellationToken)
    {
        _connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{server.Port},connectRetry=20,asyncTimeout=60000");
        _database = _connection.GetDatabase();
        foreach (int[] customers in Enumerable.Range(0, events.Customers).Chunk(BatchEvents))
        {
            await PipeAsync(customers.Select(customer => (events.IdOf(customer), 1L)));
        }
    }

    public async Task<IngestResult> MeasureAsync(IngestEvents events, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan processorBefore = process.TotalProcessorTime;
        Collections collectionsBefore = Collections.Now();
        long startedAt = Stopwatch.GetTimestamp();
        long sent = 0;
        while (Stopwatch.GetElapsedTime(startedAt) < duration)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sent += await PipeAsync(Enumerable.Range(0, BatchEvents).Select(i => (events.IdOf(events.Draw()), 2L + i)));
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(startedAt);
        process.Refresh();
        return new IngestResult(
            sent, elapsed, process.TotalProcessorTime - processorBefore, new LatencyHistogram(), Collections.Now().Since(collectionsBefore));
    }

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Sends everything before awaiting the first answer; awaits each answer, so that no failure is lost.</summary>
    private async Task<int> PipeAsync(IEnumerable<(string CustomerId, long At)> events)
    {
        var answers = new List<Task>();
        foreach ((string customerId, long at) in events)
        {
            int sent = answers.Count + 1;
            answers.Add(_database!.ScriptEvaluateAsync(Script, [customerId], [at, (sent % 40) + 1, 1, (sent % 37) + 1, 2, (sent % 31) + 1, 3]));
        }

        await Task.WhenAll(answers);
        return answers.Count;
    }
}

/// <summary>A private Redis server: loopback, a free port, its own folder, append-only file synced every second.</summary>
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

    /// <summary>True when the programs are on the PATH.</summary>
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
