namespace OrleansSegments.Contracts.Events;

/// <summary>The six calls of the Segment specification. The numbers travel and are never reused.</summary>
public enum EventKind : byte
{
    Track = 1,
    Identify = 2,
    Page = 3,
    Screen = 4,
    Group = 5,
    Alias = 6,
}
