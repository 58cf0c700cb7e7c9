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
