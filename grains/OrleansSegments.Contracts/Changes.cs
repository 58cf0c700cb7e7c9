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
