using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Grains.Changes;

/// <summary>Turns logged transitions into what callers are told.</summary>
internal static class TransitionViews
{
    public static TransitionView Of(Transition transition) => new(
        transition.Sequence,
        transition.CustomerId,
        transition.FromSegmentId is { } from ? SegmentKey.Of(from) : null,
        SegmentKey.Of(transition.ToSegmentId),
        CauseOf(transition.Cause),
        transition.ModelVersion,
        DateTimeOffset.FromUnixTimeMilliseconds(transition.OccurredAtMilliseconds));

    private static string CauseOf(TransitionCause cause) => cause switch
    {
        TransitionCause.Event => "event",
        TransitionCause.Time => "time",
        TransitionCause.Model => "model",
        TransitionCause.Consent => "consent",
        TransitionCause.Erasure => "erasure",
        TransitionCause.Merge => "merge",
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "No such cause is ever stored."),
    };
}
