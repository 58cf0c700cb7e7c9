using Orleans;

namespace OrleansSegments.Contracts.Events;

/// <summary>What became of a batch. Only <see cref="RouteStatus.Durable"/> is an acknowledgement.</summary>
/// <param name="Accepted">Events whose effect is durable now, without the duplicates.</param>
/// <param name="Duplicates">Events that were counted before; they changed nothing.</param>
[GenerateSerializer, Immutable, Alias("route-receipt")]
public sealed record RouteReceipt(
    [property: Id(0)] RouteStatus Status,
    [property: Id(1)] int Accepted,
    [property: Id(2)] int Duplicates,
    [property: Id(3)] EventRejection[] Rejected);
