namespace OrleansSegments.Storage.Transitions;

/// <summary>A customer leaving one segment for another; the truth for every change feed.</summary>
/// <param name="Sequence">Strictly increasing over the log, without a promise of having no gaps.</param>
/// <param name="FromSegmentId">Null when the customer was new.</param>
/// <param name="OccurredAtMilliseconds">Unix milliseconds on the process's clock.</param>
public sealed record Transition(
    long Sequence,
    string CustomerId,
    int? FromSegmentId,
    int ToSegmentId,
    TransitionCause Cause,
    int ModelVersion,
    long OccurredAtMilliseconds);
