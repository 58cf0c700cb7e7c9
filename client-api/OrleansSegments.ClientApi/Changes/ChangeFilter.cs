using OrleansSegments.ClientApi.Errors;
using OrleansSegments.ClientApi.Queries;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Changes;

/// <summary>Which transitions a reader of the log wants: those that left or entered one of some segments, for one of some causes. Without values it passes everything.</summary>
internal sealed class ChangeFilter
{
    private static readonly string[] AllCauses = ["event", "time", "model", "consent", "erasure", "merge"];

    private readonly string[] _segments;
    private readonly string[] _causes;

    private ChangeFilter(string[] segments, string[] causes) => (_segments, _causes) = (segments, causes);

    public bool PassesEverything => _segments.Length == 0 && _causes.Length == 0;

    public static bool TryRead(string[]? segments, string[]? causes, out ChangeFilter filter, out ApiError? error)
    {
        filter = new ChangeFilter(segments ?? [], causes ?? []);
        var wrongSegment = Array.Find(filter._segments, static id => !SegmentKey.TryParse(id, out _));
        var wrongCause = Array.Find(filter._causes, static cause => !AllCauses.Contains(cause));
        error = wrongSegment is not null
            ? QueryParameters.Invalid("segment", wrongSegment, "it must be a segment's id, such as s7", "GET /v1/segments lists them; several are named by segment=s1&segment=s7")
            : wrongCause is not null
            ? QueryParameters.Invalid("cause", wrongCause, $"it must be {string.Join(", ", AllCauses[..^1])} or {AllCauses[^1]}", "several are named by cause=event&cause=time")
            : null;
        return error is null;
    }

    public TransitionView[] Of(TransitionView[] page) => PassesEverything ? page : Array.FindAll(page, Passes);

    private bool Passes(TransitionView transition) =>
        (_segments.Length == 0 || _segments.Contains(transition.From) || _segments.Contains(transition.To))
        && (_causes.Length == 0 || _causes.Contains(transition.Cause));
}
