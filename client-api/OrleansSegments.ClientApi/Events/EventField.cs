namespace OrleansSegments.ClientApi.Events;

/// <summary>The fields of an event or envelope that are read; everything else is skipped.</summary>
internal enum EventField
{
    Unknown,
    Type,
    Event,
    Name,
    UserId,
    AnonymousId,
    PreviousId,
    MessageId,
    Timestamp,
    OriginalTimestamp,
    SentAt,
    Properties,
    Traits,
    Context,
    WriteKey,
    Batch,
}
