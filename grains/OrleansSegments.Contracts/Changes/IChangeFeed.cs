using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Changes;

/// <summary>Reads the transition log. Any key reaches a local worker; use 0.</summary>
[Alias("change-feed")]
public interface IChangeFeed : IGrainWithIntegerKey
{
    /// <summary>Transitions after a sequence, oldest first; waits up to <paramref name="wait"/> for the first one when there is none.</summary>
    [AlwaysInterleave, Alias("read")]
    Task<TransitionView[]> Read(long afterSequence, int limit, TimeSpan wait);
}
