using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace OrleansSegments.Client;

/// <summary>
/// What a customer did, in the terms of the Segment specification. The message id makes a repeat recognizable: an event that is sent again with the same id
/// within 24 hours changes nothing.
/// </summary>
public sealed record SegmentsEvent
{
    /// <summary>track, identify, page, screen, group or alias.</summary>
    public required string Type { get; init; }

    /// <summary>The customer; for a visitor who is not known yet, use <see cref="AnonymousId"/>.</summary>
    public string? UserId { get; init; }

    /// <summary>An id of the device or browser. An event with both ids makes them one customer.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>For alias: the id that becomes another name of <see cref="UserId"/>.</summary>
    public string? PreviousId { get; init; }

    /// <summary>Unique; made anew unless the caller has an id that stays the same when the event is made again.</summary>
    public string MessageId { get; init; } = Guid.CreateVersion7().ToString("N");

    /// <summary>When it happened; the moment of sending when it is null.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>For track: what happened, for example Order Completed.</summary>
    public string? Event { get; init; }

    /// <summary>For page and screen: which one.</summary>
    public string? Name { get; init; }

    /// <summary>Details of what happened.</summary>
    public JsonObject? Properties { get; init; }

    /// <summary>For identify: what is known of the customer.</summary>
    public JsonObject? Traits { get; init; }

    /// <summary>Device, time zone, consent and the like.</summary>
    public JsonObject? Context { get; init; }

    /// <summary>The customer did something.</summary>
    public static SegmentsEvent Track(string userId, string eventName, JsonObject? properties = null) =>
        new() { Type = "track", UserId = userId, Event = eventName, Properties = properties };

    /// <summary>The customer says something of herself.</summary>
    public static SegmentsEvent Identify(string userId, JsonObject traits) => new() { Type = "identify", UserId = userId, Traits = traits };

    /// <summary>The customer looked at a page.</summary>
    public static SegmentsEvent Page(string userId, string name, JsonObject? properties = null) =>
        new() { Type = "page", UserId = userId, Name = name, Properties = properties };

    /// <summary>Another id is the same customer.</summary>
    public static SegmentsEvent Alias(string userId, string previousId) => new() { Type = "alias", UserId = userId, PreviousId = previousId };
}

/// <summary>An event that the API did not take.</summary>
/// <param name="Json">The event as it was to be sent, in UTF-8.</param>
/// <param name="Code">The API's code, such as invalid_message_id; not_sent when the API did not answer in time or the client was closed.</param>
/// <param name="Reason">What is wrong and what to do about it.</param>
public sealed record UnsentEvent(ReadOnlyMemory<byte> Json, string Code, string Reason);

/// <summary>What became of the events since the last report.</summary>
/// <param name="Accepted">Durable.</param>
/// <param name="Duplicates">Already counted earlier; a batch that is sent again after a lost answer has them.</param>
/// <param name="NotTaken">Neither of the two: refused, or given up.</param>
/// <param name="Unsent">Those that were not taken, as many as queue and batch have room for; <see cref="SegmentsClientOptions.OnUnsent"/> is told of all.</param>
public sealed record SendReport(long Accepted, long Duplicates, long NotTaken, IReadOnlyList<UnsentEvent> Unsent);

/// <summary>The answer to a batch.</summary>
internal sealed record BatchAnswer(int Accepted, int Duplicates, BatchRejection[] Rejected);

internal sealed record BatchRejection(int Index, string Code, string Message);

/// <summary>The body of every error.</summary>
internal sealed record ErrorAnswer([property: JsonPropertyName("code")] string? Code, [property: JsonPropertyName("message")] string? Message);
