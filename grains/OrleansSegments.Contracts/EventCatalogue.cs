using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Events;

/// <summary>What arrives: every event's name and properties, and what of them has no effect. Key: 0.</summary>
[Alias("event-catalogue")]
public interface IEventCatalogueGrain : IGrainWithIntegerKey
{
    /// <summary>Adds what a silo has seen since its last report.</summary>
    [Alias("report")]
    Task Report(SeenEvents seen);

    /// <summary>Everything since the store was made; a crash of the grain's silo loses the last minute.</summary>
    [AlwaysInterleave, Alias("view")]
    ValueTask<SeenEvents> View();
}

/// <summary>Events by name, and what was left out of them.</summary>
/// <param name="BeyondNames">Events whose names found no room.</param>
[GenerateSerializer, Immutable, Alias("seen-events")]
public sealed record SeenEvents([property: Id(0)] SeenEvent[] Events, [property: Id(1)] IgnoredValue[] Ignored, [property: Id(2)] long BeyondNames);

/// <summary>The events of one name.</summary>
/// <param name="Type">track, identify, page, screen, group or alias.</param>
/// <param name="Name">The name that features know it by; null when it is not a track.</param>
/// <param name="Count">Events read, repeats included.</param>
/// <param name="IsRead">Whether a feature names these events.</param>
/// <param name="BeyondProperties">Properties that found no room, as often as they were looked at.</param>
[GenerateSerializer, Immutable, Alias("seen-event")]
public sealed record SeenEvent(
    [property: Id(0)] string Type,
    [property: Id(1)] string? Name,
    [property: Id(2)] long Count,
    [property: Id(3)] DateTimeOffset FirstAt,
    [property: Id(4)] DateTimeOffset LastAt,
    [property: Id(5)] bool IsRead,
    [property: Id(6)] SeenProperty[] Properties,
    [property: Id(7)] long BeyondProperties);

/// <summary>A property or trait of an event.</summary>
/// <param name="Types">JSON types: string, number, boolean, object, array, null.</param>
/// <param name="IsRead">Whether a feature looks at it.</param>
[GenerateSerializer, Immutable, Alias("seen-property")]
public sealed record SeenProperty([property: Id(0)] string Name, [property: Id(1)] string[] Types, [property: Id(2)] bool IsRead);

/// <summary>What was left out for one reason at one field.</summary>
/// <param name="LastExample">The beginning of the last text that was left out.</param>
[GenerateSerializer, Immutable, Alias("ignored-value")]
public sealed record IgnoredValue(
    [property: Id(0)] string Reason,
    [property: Id(1)] string Field,
    [property: Id(2)] long Count,
    [property: Id(3)] string LastExample,
    [property: Id(4)] DateTimeOffset LastAt);
