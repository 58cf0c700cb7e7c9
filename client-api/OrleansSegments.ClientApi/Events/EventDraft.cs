using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// An event as it was read, before the envelope's sentAt and context are known: both may follow the events. The slices point into the
/// request's one buffer. Times are Unix milliseconds, <see cref="EventTime.None"/> where the client named none.
/// </summary>
internal struct EventDraft
{
    public EventKind Kind;
    public string? Type;
    public string? EventName;
    public string? PageName;
    public string? UserId;
    public string? AnonymousId;
    public string? PreviousId;
    public string? MessageId;
    public long Timestamp;
    public long OriginalTimestamp;
    public long SentAt;
    public ReadOnlyMemory<byte> Properties;
    public ReadOnlyMemory<byte> Traits;
    public ReadOnlyMemory<byte> Context;
    public ReadOnlyMemory<byte> Raw;

    /// <summary>The first thing that was wrong; null while nothing is.</summary>
    public EventFault? Fault;
}
