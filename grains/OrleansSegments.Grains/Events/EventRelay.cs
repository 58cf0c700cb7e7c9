using Orleans;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Grains.Events;

/// <summary>Only passes on: the reading of events is the router's, of which a silo has one for each processor.</summary>
public sealed class EventRelay : Grain, IEventRelay
{
    public Task<RouteReceipt> Route(EventBatch batch) => GrainFactory.GetGrain<IEventRouter>(0).Route(batch with { IsRelayed = true });
}
