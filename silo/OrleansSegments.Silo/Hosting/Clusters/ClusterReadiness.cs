using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.Silo.Hosting;

/// <summary>A client API is ready while a silo answers it and the host is not stopping.</summary>
internal sealed class ClusterReadiness(IGrainFactory grains, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!lifetime.ApplicationStarted.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The API is looking for the silos of the cluster.");
        }

        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("The API is stopping.");
        }

        try
        {
            // A load balancer probes repeatedly; do not make it wait for Orleans' response timeout.
            await grains.GetGrain<ISegmentCensus>(0).Take(withStatistics: false).AsTask().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception problem) when (problem is TimeoutException or OrleansException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy($"No silo of the cluster answers: {problem.Message}");
        }
    }
}
