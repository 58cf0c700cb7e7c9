using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Silo.Hosting;

/// <summary>A silo is ready while its store can write and the host is neither starting nor stopping.</summary>
internal sealed class SiloReadiness(ICustomerStore store, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !lifetime.ApplicationStarted.IsCancellationRequested ? HealthCheckResult.Unhealthy("The silo is starting.")
        : lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The silo is stopping.")
        : store.Health is { Writable: false } health ? HealthCheckResult.Unhealthy(health.Problem ?? "The store cannot write.")
        : HealthCheckResult.Healthy());
}
