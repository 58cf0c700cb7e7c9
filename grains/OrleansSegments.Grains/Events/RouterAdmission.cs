namespace OrleansSegments.Grains.Events;

/// <summary>Counts the events under way in a silo, over all routers, and says when there are too many.</summary>
/// <param name="eventsUnderWayMax">Another limit than <see cref="EventsUnderWayMax"/>, for a test that reaches it.</param>
public sealed class RouterAdmission(int eventsUnderWayMax = RouterAdmission.EventsUnderWayMax)
{
    /// <summary>Events under way in a silo; beyond it batches are sent back as overloaded. Several seconds of the events that a silo takes.</summary>
    public const int EventsUnderWayMax = 200_000;

    private int _underWay;

    public bool TryEnter(int events)
    {
        if (Interlocked.Add(ref _underWay, events) <= eventsUnderWayMax)
        {
            return true;
        }

        Interlocked.Add(ref _underWay, -events);
        return false;
    }

    public void Leave(int events) => Interlocked.Add(ref _underWay, -events);
}
