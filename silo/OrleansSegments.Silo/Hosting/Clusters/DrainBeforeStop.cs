namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Ready goes red the moment the process is told to stop; this keeps everything else going for a while, so that whoever sends requests can
/// notice and send them elsewhere.
/// </summary>
internal sealed class DrainBeforeStop(ClusterPlace cluster, TimeProvider time) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(cluster.Settings.DrainTime, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host's patience ends before ours; the stop goes on.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Registers the time between red and stopped.</summary>
internal static class DrainServices
{
    /// <summary>What a stop may take beside the time in which it still serves: the silo hands its grains over and the store commits what waits.</summary>
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(60);

    public static void AddDraining(this IServiceCollection services, ClusterPlace cluster)
    {
        services.AddSingleton(cluster);
        services.AddHostedService<DrainBeforeStop>();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = cluster.Settings.DrainTime + StopTimeMax);
    }
}
