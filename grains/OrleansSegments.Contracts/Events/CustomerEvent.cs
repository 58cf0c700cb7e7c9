using Orleans;

namespace OrleansSegments.Contracts.Events;

/// <summary>One thing a customer did, as the Segment specification words it.</summary>
/// <param name="CustomerId">The userId, or the anonymousId where there is none; 1 to 255 characters.</param>
/// <param name="MessageId">The client-made unique id; the only key of de-duplication.</param>
/// <param name="Name">The event name of a track, the name of a page or screen; null for the other kinds.</param>
/// <param name="OccurredAtMilliseconds">When it happened, Unix milliseconds, corrected for the client's clock.</param>
/// <param name="Body">UTF-8 JSON object: the properties, or the traits of an identify or group. Empty for none.</param>
/// <param name="Context">UTF-8 JSON object: the context. Empty for none.</param>
[GenerateSerializer, Immutable, Alias("customer-event")]
public sealed record CustomerEvent(
    [property: Id(0)] string CustomerId,
    [property: Id(1)] string MessageId,
    [property: Id(2)] EventKind Kind,
    [property: Id(3)] string? Name,
    [property: Id(4)] long OccurredAtMilliseconds,
    [property: Id(5)] ReadOnlyMemory<byte> Body,
    [property: Id(6)] ReadOnlyMemory<byte> Context);
