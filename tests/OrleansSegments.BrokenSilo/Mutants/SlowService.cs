using Microsoft.Extensions.Hosting;

namespace OrleansSegments.BrokenSilo.Mutants;

/// <summary>Starts after the grains and stops before them, each as slowly as somebody outside says with a file.</summary>
internal sealed class SlowService : IHostedService
{
    /// <summary>The environment variable that names the folder of the files.</summary>
    public const string Folder = "SEGMENTS_SLOW";

    public const string Starting = "starting";
    public const string Started = "started";
    public const string Stopped = "stopped";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly string _folder = Environment.GetEnvironmentVariable(Folder) ?? throw new InvalidOperationException($"{Folder} names no folder.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, Starting), "", cancellationToken);
        await WaitForAsync(Started);
    }

    public Task StopAsync(CancellationToken cancellationToken) => WaitForAsync(Stopped);

    private async Task WaitForAsync(string file)
    {
        using var timer = new PeriodicTimer(Interval);
        while (!File.Exists(Path.Combine(_folder, file)))
        {
            await timer.WaitForNextTickAsync();
        }
    }
}
