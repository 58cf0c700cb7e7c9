using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Grains.Passes;

/// <summary>
/// Divides one kind of work on the whole population among the silos that are alive. Key: the kind. Silos ask for their share and answer;
/// the share of a silo that dies or falls silent goes to the others, and an answer that comes after that is dropped.
/// </summary>
[Alias("pass")]
public interface IPassGrain : IGrainWithStringKey
{
    /// <summary>Orders a step, in the place of the one before. Ordering the same step again changes nothing. False when another session has replaced this one.</summary>
    [AlwaysInterleave, Alias("order")]
    ValueTask<bool> Order(PassOrder order);

    /// <summary>Waits up to <paramref name="wait"/> for the end of a step.</summary>
    [AlwaysInterleave, Alias("answer")]
    Task<PassAnswer> Answer(Guid session, int step, TimeSpan wait);

    /// <summary>Waits up to <paramref name="wait"/> for something to do for a silo that does nothing else of this kind; null when nothing came.</summary>
    [AlwaysInterleave, Alias("next")]
    Task<PassShare?> Next(string silo, TimeSpan wait);

    /// <summary>A silo is still at its share.</summary>
    [AlwaysInterleave, Alias("renew")]
    ValueTask Renew(string silo);

    /// <summary>Hands in what a silo did; false when it is no longer wanted, and is dropped.</summary>
    [AlwaysInterleave, Alias("reply")]
    ValueTask<bool> Reply(PassReply reply);
}
