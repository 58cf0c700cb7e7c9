namespace OrleansSegments.Simulator;

/// <summary>One call of a shopper's SDK. Its memory is never reused, so an event may be kept.</summary>
public readonly struct SimulatedEvent
{
    /// <summary>The shopper's number, from 0; the argument for <see cref="Simulation.TruthAt"/>.</summary>
    public required int CustomerIndex { get; init; }

    /// <summary>For example <c>shopper-0000123</c>; one string per shopper and partition.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Equal for both deliveries of one event, otherwise unique.</summary>
    public required Guid MessageId { get; init; }

    public required SimulatedEventType Type { get; init; }

    /// <summary>The event's name for track, the page's for page, empty for identify.</summary>
    public required string Name { get; init; }

    /// <summary>UTC, whole milliseconds.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>UTC, less than 24 hours after <see cref="OccurredAt"/>, never before it.</summary>
    public required DateTimeOffset DeliveredAt { get; init; }

    /// <summary>A UTF-8 JSON object: the traits for identify, otherwise the properties.</summary>
    public required ReadOnlyMemory<byte> Properties { get; init; }

    /// <summary>A UTF-8 JSON object, shared by all shoppers of a place and device.</summary>
    public required ReadOnlyMemory<byte> Context { get; init; }
}

/// <summary>The calls of the Segment specification that shoppers make.</summary>
public enum SimulatedEventType
{
    Identify = 0,
    Track = 1,
    Page = 2,
}
