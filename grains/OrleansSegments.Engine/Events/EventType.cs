namespace OrleansSegments.Engine.Events;

/// <summary>The six calls of the Segment spec.</summary>
public enum EventType
{
    Track,
    Identify,
    Page,
    Screen,
    Group,
    Alias,
}
