using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>How a grain timer ticks. The period counts from the end of one tick to the start of the next.</summary>
public readonly struct GrainTimerCreationOptions()
{
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Time to the first tick; <see cref="Timeout.InfiniteTimeSpan"/> for none until the timer is changed.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time between ticks; <see cref="Timeout.InfiniteTimeSpan"/> for a single tick.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a tick may run while a call of the grain awaits.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use, so that the activation is not idle.</summary>
    public bool KeepAlive { get; init; }
}
