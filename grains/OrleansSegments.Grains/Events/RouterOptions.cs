using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace OrleansSegments.Grains.Events;

/// <summary>Limits of the way in.</summary>
public sealed class RouterOptions
{
    public const string Section = "Router";

    /// <summary>Events in one batch. 1 to 100000.</summary>
    [Range(1, 100_000)]
    public int BatchEventsMax { get; set; } = 10_000;

    /// <summary>Events under way in a silo; beyond it batches are sent back as overloaded. 1000 to 10000000.</summary>
    [Range(1_000, 10_000_000)]
    public int EventsUnderWayMax { get; set; } = 200_000;

    /// <summary>How often a customer's facts are tried again after another activation won. 0 to 10.</summary>
    [Range(0, 10)]
    public int ConflictRetriesMax { get; set; } = 3;

    /// <summary>How far ahead of the clock an event may say it happened. 0 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan FutureToleranceMax { get; set; } = TimeSpan.FromHours(1);
}

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
