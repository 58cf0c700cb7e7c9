using System.Diagnostics;
using OrleansSegments.TestKit.Servers;

namespace OrleansSegments.TestKit.Postgres;

/// <summary>
/// A private PostgreSQL server for tests and benchmarks: its own folder and port, loopback only, user <c>postgres</c> without a password,
/// durable by default. It can be killed, restarted, stopped and paused. It ends with this process, however that ends. Calls to one server
/// must not overlap.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int StartAttempts = 10;
    private static readonly TimeSpan StartsWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMilliseconds(20);

    private readonly PostgresServerOptions _options;
    private ServerSupervisor? _supervisor;

    private PostgresServer(PostgresServerOptions options, string folder)
    {
        _options = options;
        Folder = folder;
    }

    /// <summary>Why no server can be started on this machine, and the cure; null when one can.</summary>
    public static string? Unavailable { get; } =
        (PostgresBinaries.Problem ?? ServerUser.Current.Problem) is { } problem ? $"NOT TESTED ON POSTGRESQL: {problem}" : null;

    /// <summary>Contains the data, the log and the socket; deleted on disposal.</summary>
    public string Folder { get; }

    public int Port { get; private set; }

    /// <summary>The server's main process.</summary>
    public int ProcessId => Running.ProcessId;

    private string DataFolder => Path.Combine(Folder, "data");

    private string LogFile => Path.Combine(Folder, "log");

    private ServerSupervisor Running => _supervisor ?? throw new InvalidOperationException("The server is not running.");

    /// <summary>Creates a server and waits until it accepts connections.</summary>
    public static async Task<PostgresServer> StartAsync(PostgresServerOptions? options = null)
    {
        options ??= new PostgresServerOptions();
        var folder = Path.Combine(options.ParentFolder ?? Path.GetTempPath(), $"pg-{Guid.NewGuid().ToString("N")[..12]}");
        var server = new PostgresServer(options, folder);
        try
        {
            await GiveFolderAsync(folder);
            await server.StartOnFreePortAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database = "postgres") => $"Host=127.0.0.1;Port={Port};Username=postgres;Database={database}";

    public Task CreateDatabaseAsync(string database) => QueryAsync($"CREATE DATABASE \"{database}\"");

    /// <summary>Runs statements through psql; returns the rows, columns separated by |.</summary>
    public Task<string> QueryAsync(string sql, string database = "postgres") => ServerCommand.RunAsync(
        Folder,
        [PostgresBinaries.Program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", Folder, "-p", $"{Port}", "-U", "postgres", "-d", database],
        sql);

    /// <summary>Creates a folder that the server may write to, for a tablespace on another disk.</summary>
    public static async Task GiveFolderAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        if (ServerUser.Current.Name is { } user)
        {
            using var chown = Process.Start("chown", [user, folder]);
            await chown.WaitForExitAsync();
        }
    }

    /// <summary>The server's log so far.</summary>
    public string ReadLog() => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>Sends SIGKILL to all of the server's processes; completes when they are gone. The folder is kept.</summary>
    public Task KillAsync() => EndAsync("kill");

    /// <summary>Stops the server cleanly without waiting for clients. The folder is kept.</summary>
    public Task StopAsync() => EndAsync("stop");

    /// <summary>Restarts the server on the same folder and port after a kill or a stop, and waits until it accepts connections.</summary>
    public async Task StartAgainAsync()
    {
        if (_supervisor is not null)
        {
            throw new InvalidOperationException("The server is still running.");
        }

        await LaunchAsync();
    }

    /// <summary>Suspends all of the server's processes: connections stay open but nothing answers.</summary>
    public Task PauseAsync() => Running.TellAsync("pause");

    /// <summary>Resumes a paused server.</summary>
    public Task ContinueAsync() => Running.TellAsync("continue");

    /// <summary>Ends the server, if it runs, and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _supervisor, null) is { } supervisor)
        {
            await supervisor.EndAsync();
        }

        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private async Task StartOnFreePortAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePorts.Find();
            try
            {
                await LaunchAsync();
                return;
            }
            catch (InvalidOperationException) when (attempt < StartAttempts && ReadLog().Contains("Address already in use", StringComparison.Ordinal))
            {
                // Another process took the port between the check and the start.
                File.Delete(LogFile);
            }
        }
    }

    private async Task LaunchAsync()
    {
        var settings = _options.Settings.Append(KeyValuePair.Create("listen_addresses", "127.0.0.1"))
            .Append(KeyValuePair.Create("unix_socket_directories", Folder))
            .Append(KeyValuePair.Create("port", $"{Port}"));
        string[] locale = _options.IcuLocale is { } icu ? ["--locale-provider=icu", $"--icu-locale={icu}"] : [];
        _supervisor = await ServerSupervisor.StartAsync(
            ServerUser.Current,
            Folder,
            LogFile,
            [PostgresBinaries.Program("initdb"), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions", .. locale],
            [PostgresBinaries.Program("postgres"), "-D", DataFolder, .. settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" })]);
        await UntilReadyAsync();
    }

    private async Task UntilReadyAsync()
    {
        var startedAt = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(LooksEvery);
        while (!IsReady())
        {
            var isAlive = IsAlive();
            if (!isAlive || Stopwatch.GetElapsedTime(startedAt) > StartsWithin)
            {
                await EndAsync("kill");
                throw new InvalidOperationException(
                    isAlive ? $"The server did not accept connections within {StartsWithin}: {ReadLog()}" : $"The server ended at its start: {ReadLog()}");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    // The first line of this file is the server's process id, the eighth its status.
    private bool IsReady()
    {
        try
        {
            var lines = File.ReadAllLines(Path.Combine(DataFolder, "postmaster.pid"));
            return lines.Length >= 8 && lines[0] == $"{Running.ProcessId}" && lines[7].Trim() == "ready";
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool IsAlive()
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{Running.ProcessId}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..] is [not ('Z' or 'X'), ..];
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task EndAsync(string word)
    {
        await Running.TellAsync(word);
        await Running.LeaveAsync();
        _supervisor = null;
    }
}
