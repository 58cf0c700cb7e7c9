using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Events;

/// <summary>
/// The newest events that were refused, so that somebody can see why, mend the cause and try them again. Whoever refuses something else for
/// good, such as a merge, may add it under a reason of its own. Key: 0.
/// </summary>
[Alias("rejections")]
public interface IRejectionsGrain : IGrainWithIntegerKey
{
    /// <summary>Adds refused events; their numbers are given here. The oldest go when there is no room.</summary>
    [Alias("add")]
    Task Add(RejectedEvent[] rejected);

    /// <summary>Newest first.</summary>
    /// <param name="reason">Only those of one reason; null for all.</param>
    [AlwaysInterleave, Alias("list")]
    ValueTask<RejectedEvent[]> List(string? reason, int limit);

    [Alias("remove")]
    Task Remove(long[] numbers);
}

/// <summary>A refused event as it was received.</summary>
/// <param name="Reason">The code of the rejection.</param>
/// <param name="Kind">The kind that the path named; null when the event names it.</param>
/// <param name="Event">Its JSON without the envelope, cut at a limit.</param>
/// <param name="IsWhole">False when it was cut; it can then not be tried again.</param>
[GenerateSerializer, Immutable, Alias("rejected-event")]
public sealed record RejectedEvent(
    [property: Id(0)] long Number,
    [property: Id(1)] string Reason,
    [property: Id(2)] string Message,
    [property: Id(3)] DateTimeOffset At,
    [property: Id(4)] EventKind? Kind,
    [property: Id(5)] string Event,
    [property: Id(6)] bool IsWhole);
