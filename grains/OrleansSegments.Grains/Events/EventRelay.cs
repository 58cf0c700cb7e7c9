using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Grains.Events;

/// <summary>
/// The way to the router of another silo. Key: the silo's name, which is also where the grain is placed; when that silo has gone it is placed
/// anywhere, and the events are counted all the same.
/// </summary>
[Alias("event-relay")]
public interface IEventRelay : IGrainWithStringKey
{
    /// <summary>Hands events to the router there, which hands them no further.</summary>
    [AlwaysInterleave, Alias("route"), ResponseTimeout("00:00:15")]
    Task<RouteReceipt> Route(EventBatch batch);
}

/// <summary>Only passes on: the reading of events is the router's, of which a silo has one for each processor.</summary>
public sealed class EventRelay : Grain, IEventRelay
{
    public Task<RouteReceipt> Route(EventBatch batch) => GrainFactory.GetGrain<IEventRouter>(0).Route(batch with { IsRelayed = true });
}
