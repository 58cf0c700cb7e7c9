using System.Diagnostics;
using OrleansSegments.CrashTests.Processes;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>A silo that is killed and restarted on the same address.</summary>
internal sealed class RestartableSilo : IAsyncDisposable
{
    private const int LinesMax = 30;
    private const int LineLengthMax = 400;

    private readonly SiloLaunch _launch;
    private SiloProcess _process;
    private string _killed = "";

    private RestartableSilo(SiloLaunch launch, SiloProcess process)
    {
        _launch = launch;
        _process = process;
        Address = process.Address;
    }

    public Uri Address { get; }

    public static async Task<RestartableSilo> StartAsync(SiloLaunch launch) => new(launch, await SiloProcess.StartAsync(launch));

    public Task KillAsync() => _process.KillAsync();

    /// <summary>Restarts the silo after a kill; returns how long it took until it was ready.</summary>
    public async Task<TimeSpan> StartAgainAsync()
    {
        long startedAt = Stopwatch.GetTimestamp();
        await LaunchAsync();
        await _process.WaitUntilServingAsync();
        return Stopwatch.GetElapsedTime(startedAt);
    }

    /// <summary>Restarts the silo after a kill and kills it again at any point of its start.</summary>
    public async Task StartAndKillAsync(TimeSpan after)
    {
        await LaunchAsync();
        await Task.Delay(after);
        await _process.KillAsync();
    }

    /// <summary>The last lines of the present and the previous process's output.</summary>
    public string Describe() => $"The process before:\n{_killed}\nThe process now:\n{LastLines(_process)}";

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string LastLines(SiloProcess process) => string.Join(
        '\n', process.Errors.Split('\n').TakeLast(LinesMax).Select(line => line.Length > LineLengthMax ? line[..LineLengthMax] + "..." : line));

    private async Task LaunchAsync()
    {
        _killed = LastLines(_process);
        await _process.DisposeAsync();
        _process = SiloProcess.Launch(_launch, Address.ToString().TrimEnd('/'));
    }
}
