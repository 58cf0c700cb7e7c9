using OrleansSegments.ClientApi.Errors;

namespace OrleansSegments.ClientApi.Events;

/// <summary>What a request's body says around its events, and the events as read so far.</summary>
internal sealed class Envelope(IngestionLimits limits)
{
    public static readonly ApiError NoBatch = ApiError.BadRequest(
        "invalid_batch", "The body must be a JSON object with an array named batch: {\"batch\":[{\"type\":\"track\", ...}]}.");

    public string? WriteKey;
    public long SentAt = EventTime.None;
    public ReadOnlyMemory<byte> Context;

    public List<EventDraft> Drafts { get; } = [];

    public ApiError? Error { get; set; }

    /// <summary>The rest is still read, for the write key may follow, but not kept.</summary>
    public bool IsFull
    {
        get
        {
            if (Drafts.Count < limits.RequestEventsMax)
            {
                return false;
            }

            Error ??= ApiError.BadRequest(
                "too_many_events", $"The batch holds more than {limits.RequestEventsMax} events; nothing of it was taken. Send smaller batches.");
            return true;
        }
    }

    public void Add(in EventDraft draft) => Drafts.Add(draft);
}
