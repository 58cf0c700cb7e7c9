using Microsoft.Extensions.Options;

namespace OrleansSegments.Grains.Events;

/// <summary>Counts the events under way in a silo, over all routers, and says when there are too many.</summary>
public sealed class RouterAdmission(IOptions<RouterOptions> options)
{
    private int _underWay;

    public bool TryEnter(int events)
    {
        if (Interlocked.Add(ref _underWay, events) <= options.Value.EventsUnderWayMax)
        {
            return true;
        }

        Interlocked.Add(ref _underWay, -events);
        return false;
    }

    public void Leave(int events) => Interlocked.Add(ref _underWay, -events);
}
