using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Events;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Grains.Events;

/// <summary>Converts events to the engine's input; the engine does not know the contracts.</summary>
internal static class EventInputs
{
    public static EventInput Of(CustomerEvent source) => new()
    {
        Type = TypeOf(source.Kind),
        Name = source.Name,
        MessageId = source.MessageId,
        OccurredAtMilliseconds = source.OccurredAtMilliseconds,
        Properties = source.Body.Span,
        Context = source.Context.Span,
    };

    private static EventType TypeOf(EventKind kind) => kind switch
    {
        EventKind.Track => EventType.Track,
        EventKind.Identify => EventType.Identify,
        EventKind.Page => EventType.Page,
        EventKind.Screen => EventType.Screen,
        EventKind.Group => EventType.Group,
        EventKind.Alias => EventType.Alias,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "EventRules rejects all other kinds."),
    };
}

/// <summary>Validates events before anything is read from them.</summary>
internal static class EventRules
{
    /// <summary>Maximum length of a message id, in UTF-16 units.</summary>
    public const int MessageIdLengthMax = 255;

    /// <summary>How far ahead of the clock an event may say it happened: senders' clocks are wrong by less.</summary>
    public static readonly TimeSpan FutureToleranceMax = TimeSpan.FromHours(1);

    /// <summary>Why an event can never be accepted; null if it can.</summary>
    public static EventRejection? Refuse(CustomerEvent source, int index, long latestMilliseconds) => source switch
    {
        { CustomerId.Length: 0 or > CustomerKey.CustomerIdLengthMax } => new EventRejection(
            index, "invalid_customer_id", $"The customer id has {source.CustomerId.Length} characters; it must have 1 to {CustomerKey.CustomerIdLengthMax}."),
        { MessageId.Length: 0 or > MessageIdLengthMax } => new EventRejection(
            index, "invalid_message_id", $"The messageId has {source.MessageId.Length} characters; it must have 1 to {MessageIdLengthMax}."),
        { Kind: < EventKind.Track or > EventKind.Alias } => new EventRejection(
            index, "invalid_type", $"The type is {(int)source.Kind}; it must be track, identify, page, screen, group or alias."),
        { OccurredAtMilliseconds: <= 0 } => new EventRejection(index, "invalid_timestamp", "The event happened before 1970; send its timestamp in ISO 8601."),
        _ when source.OccurredAtMilliseconds > latestMilliseconds => new EventRejection(
            index, "timestamp_in_future", "The event says it will happen more than an hour from now; send the time it happened."),
        _ => null,
    };
}
