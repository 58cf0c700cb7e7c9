namespace OrleansSegments.Simulator.Events;

/// <summary>The calls of the Segment spec that shoppers make.</summary>
public enum SimulatedEventType
{
    Identify = 0,
    Track = 1,
    Page = 2,
}
