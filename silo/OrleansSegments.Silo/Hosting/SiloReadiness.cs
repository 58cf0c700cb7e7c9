using OrleansSegments.ClientApi.Health;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Silo.Hosting;

/// <summary>A silo serves while its store can write and the host is not stopping.</summary>
internal sealed class SiloReadiness(ICustomerStore store, IHostApplicationLifetime lifetime) : IReadinessProbe
{
    public ValueTask<Readiness> CheckAsync(CancellationToken cancellationToken)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return new(new Readiness(false, "The silo is stopping."));
        }

        StoreHealth health = store.Health;
        return new(health.Writable ? new Readiness(true) : new Readiness(false, health.Problem ?? "The store cannot write."));
    }
}
