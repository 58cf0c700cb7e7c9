namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Delays the stop after readiness has turned "not ready", so that load balancers can send requests elsewhere before the process stops
/// serving.
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
            // The host's shutdown timeout ended first; continue stopping.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Registers draining and the shutdown timeout.</summary>
internal static class DrainServices
{
    /// <summary>Time allowed for a stop after draining: the silo hands its grains over and the store commits queued changes.</summary>
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(60);

    public static void AddDraining(this IServiceCollection services, ClusterPlace cluster)
    {
        services.AddSingleton(cluster);
        services.AddHostedService<DrainBeforeStop>();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = cluster.Settings.DrainTime + StopTimeMax);
    }
}
