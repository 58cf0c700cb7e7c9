using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Events;

/// <summary>The way in for events: reads them, groups them by customer, makes one call per customer. Any key reaches a local worker; use 0.</summary>
[Alias("event-router")]
public interface IEventRouter : IGrainWithIntegerKey
{
    /// <summary>Completes when the effect of every accepted event is durable, or with the reason why it is not.</summary>
    [AlwaysInterleave, Alias("route"), ResponseTimeout("00:00:15")]
    Task<RouteReceipt> Route(EventBatch batch);
}
