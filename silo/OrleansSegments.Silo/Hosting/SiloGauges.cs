using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Silo.Hosting;

/// <summary>Lets the metrics tell what the silo holds at the moment they are read.</summary>
internal sealed class SiloGauges(SegmentsMetrics metrics, ICustomerStore store, DirectDoor door, StateMemory states, ModelCache models) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Observe("segments.population", "{customer}", "Customers that exist.", () => store.Totals.Population);
        metrics.Observe("segments.customers.live", "{customer}", "Customers in memory.", () => door.Count);
        metrics.Observe("segments.customers.live.bytes", "By", "Encoded states in memory.", () => states.BytesInUse);
        metrics.Observe("segments.store.waiting", "{change}", "Changes waiting for commit.", () => store.Health.ChangesWaiting);
        metrics.Observe("segments.store.stall", "1", "Writes wait for compaction: 0 no, 1 slowed down, 2 stopped.", () => (int)store.Health.Stall);
        metrics.Observe("segments.store.commits", "{commit}", "Commits since start.", () => store.Health.Commits);
        metrics.Observe("segments.store.committed", "{change}", "Changes made durable since start.", () => store.Health.ChangesCommitted);
        metrics.Observe("segments.model.version", "{version}", "The model in force.", () => models.Current.Version);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
