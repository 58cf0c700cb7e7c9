using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// Relays events to another silo's router. Key: the silo's name, which also determines the placement; when that silo is gone the grain is
/// placed anywhere, and the events are still counted.
/// </summary>
[Alias("event-relay")]
public interface IEventRelay : IGrainWithStringKey
{
    /// <summary>Hands events to that silo's router, which does not relay them again.</summary>
    [AlwaysInterleave, Alias("route"), ResponseTimeout("00:00:15")]
    Task<RouteReceipt> Route(EventBatch batch);
}

/// <summary>Only forwards: reading events is the work of the router, a stateless worker with one activation per processor.</summary>
public sealed class EventRelay : Grain, IEventRelay
{
    public Task<RouteReceipt> Route(EventBatch batch) => GrainFactory.GetGrain<IEventRouter>(0).Route(batch with { IsRelayed = true });
}
