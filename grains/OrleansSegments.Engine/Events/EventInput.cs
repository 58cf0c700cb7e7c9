using OrleansSegments.Engine.Features;

namespace OrleansSegments.Engine.Events;

/// <summary>One event of the Segment spec, as received. The JSON stays unparsed; the reader visits it once.</summary>
public readonly ref struct EventInput
{
    public required EventType Type { get; init; }

    /// <summary>Name of a track event, page or screen; null otherwise.</summary>
    public string? Name { get; init; }

    /// <summary>The only key of de-duplication; never empty.</summary>
    public required string MessageId { get; init; }

    /// <summary>When it happened: Unix milliseconds, UTC, after correction of the client's clock.</summary>
    public required long OccurredAtMilliseconds { get; init; }

    /// <summary>UTF-8 JSON object: the properties, or the traits of an identify or group call. May be empty.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>UTF-8 JSON object of the context. May be empty.</summary>
    public ReadOnlySpan<byte> Context { get; init; }
}
