using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Events;

/// <summary>
/// Entry point for events: reads them, groups them by customer and makes one call per customer. A stateless worker: use key 0.
/// </summary>
[Alias("event-router")]
public interface IEventRouter : IGrainWithIntegerKey
{
    /// <summary>Completes when the effect of every accepted event is durable, or with the reason why it is not.</summary>
    [AlwaysInterleave, Alias("route"), ResponseTimeout("00:00:15")]
    Task<RouteReceipt> Route(EventBatch batch);
}

/// <summary>Events in any order, of any customers. A batch may be sent again whole, any number of times.</summary>
/// <param name="IsRelayed">Whether another silo's router has sent it here, to be handed no further.</param>
/// <param name="Forwards">How often the events were forwarded because their ids turned out to be aliases.</param>
[GenerateSerializer, Immutable, Alias("event-batch")]
public sealed record EventBatch([property: Id(0)] CustomerEvent[] Events, [property: Id(1)] bool IsRelayed = false, [property: Id(2)] int Forwards = 0);

/// <summary>One thing a customer did, in the terms of the Segment specification.</summary>
/// <param name="CustomerId">The userId, or the anonymousId where there is none; 1 to 255 characters.</param>
/// <param name="MessageId">The client-made unique id; the only key of de-duplication.</param>
/// <param name="Name">The event name of a track, the name of a page or screen; null for the other kinds.</param>
/// <param name="OccurredAtMilliseconds">When it happened, Unix milliseconds, corrected for the client's clock.</param>
/// <param name="Body">UTF-8 JSON object: the properties, or the traits of an identify or group (a group's id as id). Empty for none.</param>
/// <param name="Context">UTF-8 JSON object: the context. Empty for none.</param>
/// <param name="AliasId">Another id of the same customer: the anonymousId beside a userId, or the previousId of an alias call; null for none.</param>
[GenerateSerializer, Immutable, Alias("customer-event")]
public sealed record CustomerEvent(
    [property: Id(0)] string CustomerId,
    [property: Id(1)] string MessageId,
    [property: Id(2)] EventKind Kind,
    [property: Id(3)] string? Name,
    [property: Id(4)] long OccurredAtMilliseconds,
    [property: Id(5)] ReadOnlyMemory<byte> Body,
    [property: Id(6)] ReadOnlyMemory<byte> Context,
    [property: Id(7)] string? AliasId = null);

/// <summary>The six calls of the Segment specification. The numbers are serialized and never reused.</summary>
public enum EventKind : byte
{
    Track = 1,
    Identify = 2,
    Page = 3,
    Screen = 4,
    Group = 5,
    Alias = 6,
}

/// <summary>The result of a batch. Only <see cref="RouteStatus.Durable"/> is an acknowledgement.</summary>
/// <param name="Accepted">Events whose effect is now durable, without duplicates.</param>
/// <param name="Duplicates">Events that were already counted before; they changed nothing.</param>
[GenerateSerializer, Immutable, Alias("route-receipt")]
public sealed record RouteReceipt(
    [property: Id(0)] RouteStatus Status,
    [property: Id(1)] int Accepted,
    [property: Id(2)] int Duplicates,
    [property: Id(3)] EventRejection[] Rejected);

/// <summary>Tells the sender whether it may forget a batch.</summary>
public enum RouteStatus : byte
{
    /// <summary>The effect of every accepted event is in the store.</summary>
    Durable = 1,

    /// <summary>The commit queue is full; part of the batch may have been applied. Send all of it again later.</summary>
    Overloaded = 2,

    /// <summary>The store cannot write at the moment; part of the batch may have been applied. Send all of it again later.</summary>
    Unavailable = 3,
}

/// <summary>An event that can never be accepted, and why.</summary>
/// <param name="Index">Its index in the batch, from 0.</param>
[GenerateSerializer, Immutable, Alias("event-rejection")]
public sealed record EventRejection([property: Id(0)] int Index, [property: Id(1)] string Code, [property: Id(2)] string Message);

/// <summary>Takes events that did not come by HTTP by the rules of the ingestion API: the same fields, checks, counts and list of refused events.</summary>
public interface IEventIntake
{
    /// <summary>Completes when the effect of every accepted event is durable, or with the reason why it is not.</summary>
    /// <param name="body">UTF-8 JSON, an envelope with a batch. The caller must not use it again.</param>
    Task<IntakeReceipt> TakeAsync(ReadOnlyMemory<byte> body);
}

/// <summary>The result of a body of events.</summary>
/// <param name="Refusal">Why nothing of the body can ever be accepted; null when it was read. The rejected events are in <paramref name="Routed"/>, by their index in the body.</param>
public sealed record IntakeReceipt(RouteReceipt Routed, string? Refusal);
