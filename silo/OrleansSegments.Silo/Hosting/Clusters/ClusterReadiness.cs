using Orleans;
using Orleans.Runtime;
using OrleansSegments.ClientApi.Health;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.Silo.Hosting;

/// <summary>A client API serves while a silo answers it and the host is not stopping.</summary>
internal sealed class ClusterReadiness(IGrainFactory grains, IHostApplicationLifetime lifetime) : IReadinessProbe
{
    /// <summary>A load balancer asks again; it does not wait for a response time-out.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async ValueTask<Readiness> CheckAsync(CancellationToken cancellationToken)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return new Readiness(false, "The API is stopping.");
        }

        try
        {
            await grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false).AsTask().WaitAsync(Patience, cancellationToken);
            return new Readiness(true);
        }
        catch (Exception problem) when (problem is TimeoutException or OrleansException)
        {
            return new Readiness(false, $"No silo of the cluster answers: {problem.Message}");
        }
    }
}
