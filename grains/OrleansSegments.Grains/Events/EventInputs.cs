using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Events;

namespace OrleansSegments.Grains.Events;

/// <summary>Hands events to the engine, which knows nothing of messages.</summary>
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
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "The rules let no other kind pass."),
    };
}
