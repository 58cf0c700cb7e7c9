using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Changes;

/// <summary>Reads the transition log. A stateless worker: use key 0.</summary>
[Alias("change-feed")]
public interface IChangeFeed : IGrainWithIntegerKey
{
    /// <summary>Transitions after a sequence, oldest first; waits up to <paramref name="wait"/> for the first one when there is none.</summary>
    [AlwaysInterleave, Alias("read")]
    Task<TransitionView[]> Read(long afterSequence, int limit, TimeSpan wait);

    /// <summary>Counts the transitions from one instant on and before another, among the newest 200,000 of the log.</summary>
    [AlwaysInterleave, Alias("flows")]
    Task<TransitionFlows> Flows(DateTimeOffset from, DateTimeOffset to);
}

/// <summary>A customer leaving one segment for another.</summary>
/// <param name="From">Null when the customer was new, or came back into the population.</param>
/// <param name="To">Null when the customer left the population, because its id was merged into another customer.</param>
/// <param name="Cause">event, time, model, consent, erasure or merge.</param>
[GenerateSerializer, Immutable, Alias("transition-view")]
public sealed record TransitionView(
    [property: Id(0)] long Sequence,
    [property: Id(1)] string CustomerId,
    [property: Id(2)] string? From,
    [property: Id(3)] string? To,
    [property: Id(4)] string Cause,
    [property: Id(5)] int ModelVersion,
    [property: Id(6)] DateTimeOffset OccurredAt);

/// <summary>How many customers went from which segment to which between two instants.</summary>
/// <param name="From">The first instant.</param>
/// <param name="To">The instant after the last.</param>
/// <param name="Since">From when on every transition was counted, as far as the clocks of the silos agree: <paramref name="From"/>, or later when the count was cut.</param>
/// <param name="Cut">True when the count ended at its limit: of the transitions before <paramref name="Since"/> it has only some, or none.</param>
/// <param name="Flows">The largest first.</param>
[GenerateSerializer, Immutable, Alias("transition-flows")]
public sealed record TransitionFlows(
    [property: Id(0)] DateTimeOffset From,
    [property: Id(1)] DateTimeOffset To,
    [property: Id(2)] DateTimeOffset Since,
    [property: Id(3)] bool Cut,
    [property: Id(4)] SegmentFlow[] Flows);

/// <summary>The transitions from one segment to another with one cause; see <see cref="TransitionView"/> for the fields.</summary>
[GenerateSerializer, Immutable, Alias("segment-flow")]
public sealed record SegmentFlow(
    [property: Id(0)] string? From, [property: Id(1)] string? To, [property: Id(2)] string Cause, [property: Id(3)] long Count);
