namespace OrleansSegments.Storage.Transitions;

/// <summary>A customer leaving one segment for another; the truth for every change feed.</summary>
/// <param name="Sequence">Strictly increasing over the log, without a promise of having no gaps.</param>
/// <param name="FromSegmentId">Null when the customer was new, or came back into the population.</param>
/// <param name="ToSegmentId"><see cref="Customers.CustomerRecord.OutsideSegmentId"/> when the customer left the population.</param>
/// <param name="OccurredAtMilliseconds">Unix milliseconds on the process's clock.</param>
public sealed record Transition(
    long Sequence,
    string CustomerId,
    int? FromSegmentId,
    int ToSegmentId,
    TransitionCause Cause,
    int ModelVersion,
    long OccurredAtMilliseconds);

/// <summary>Why a customer left one segment for another. The numbers are stored and never reused.</summary>
public enum TransitionCause : byte
{
    /// <summary>An event of the customer.</summary>
    Event = 1,

    /// <summary>Time alone.</summary>
    Time = 2,

    /// <summary>A new model.</summary>
    Model = 3,

    /// <summary>A consent was given or withdrawn.</summary>
    Consent = 4,

    /// <summary>The customer was erased.</summary>
    Erasure = 5,

    /// <summary>Two ids were found to be the same customer.</summary>
    Merge = 6,
}
