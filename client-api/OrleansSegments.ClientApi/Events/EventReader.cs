using System.Text.Json;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>
/// Reads one event's fields in one pass. A field of the wrong type makes only this event invalid; malformed JSON throws <see
/// cref="JsonException"/> and makes the whole request invalid.
/// </summary>
internal static class EventReader
{
    /// <summary>The reader must be on the event's first token and ends on its last.</summary>
    /// <param name="body">The bytes that the reader reads; slices of the event point into it.</param>
    public static EventDraft Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, out string? writeKey)
    {
        writeKey = null;
        var draft = new EventDraft { Timestamp = EventTime.None, OriginalTimestamp = EventTime.None, SentAt = EventTime.None };
        var start = reader.TokenStartIndex;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            draft.Fault = new EventFault("invalid_event", "The event is not a JSON object.");
            return draft;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var field = EventFields.Current(ref reader);
            reader.Read();
            ReadField(ref reader, body, field, ref draft, ref writeKey);
        }

        draft.Raw = Slice(body, start, reader.BytesConsumed);
        return draft;
    }

    private static void ReadField(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, EventField field, ref EventDraft draft, ref string? writeKey)
    {
        switch (field)
        {
            case EventField.Type: ReadText(ref reader, ref draft.Type, "type", ref draft, recurs: true); break;
            case EventField.Event: ReadText(ref reader, ref draft.EventName, "event", ref draft, recurs: true); break;
            case EventField.Name: ReadText(ref reader, ref draft.PageName, "name", ref draft, recurs: true); break;
            case EventField.UserId: ReadText(ref reader, ref draft.UserId, "userId", ref draft); break;
            case EventField.AnonymousId: ReadText(ref reader, ref draft.AnonymousId, "anonymousId", ref draft); break;
            case EventField.PreviousId: ReadText(ref reader, ref draft.PreviousId, "previousId", ref draft); break;
            case EventField.GroupId: ReadText(ref reader, ref draft.GroupId, "groupId", ref draft); break;
            case EventField.MessageId: ReadText(ref reader, ref draft.MessageId, "messageId", ref draft); break;
            case EventField.WriteKey: JsonText.TryRead(ref reader, out writeKey); break;
            case EventField.Timestamp: ReadTime(ref reader, ref draft.Timestamp, "timestamp", ref draft); break;
            case EventField.OriginalTimestamp: ReadTime(ref reader, ref draft.OriginalTimestamp, "originalTimestamp", ref draft); break;
            case EventField.SentAt: ReadSentAt(ref reader, out draft.SentAt); break;
            case EventField.Properties: ReadObject(ref reader, body, ref draft.Properties, "properties", ref draft); break;
            case EventField.Traits: ReadObject(ref reader, body, ref draft.Traits, "traits", ref draft); break;
            case EventField.Context: ReadObject(ref reader, body, ref draft.Context, "context", ref draft); break;
            default: reader.Skip(); break;
        }
    }

    /// <summary>An unreadable sentAt is ignored: the client's clock is then not corrected.</summary>
    public static void ReadSentAt(ref Utf8JsonReader reader, out long sentAt)
    {
        if (!EventTime.TryRead(ref reader, out sentAt))
        {
            reader.Skip();
        }
    }

    /// <summary>Reads the slice of a JSON object. Null, and the empty array that PHP makes of an empty map, count as absent.</summary>
    public static bool TryReadObject(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> slice)
    {
        slice = default;
        var start = reader.TokenStartIndex;
        var kind = reader.TokenType;
        reader.Skip();
        var read = Slice(body, start, reader.BytesConsumed);
        if (kind == JsonTokenType.StartObject)
        {
            slice = read;
            return true;
        }

        return kind == JsonTokenType.Null || (kind == JsonTokenType.StartArray && !read.Span[1..^1].ContainsAnyExcept(" \t\r\n"u8));
    }

    private static void ReadText(ref Utf8JsonReader reader, ref string? target, string field, ref EventDraft draft, bool recurs = false)
    {
        if (!JsonText.TryRead(ref reader, out target, recurs))
        {
            draft.Fault ??= new EventFault("invalid_field", $"{field} must be text or a number, valid Unicode and without U+0000.");
        }
    }

    private static void ReadTime(ref Utf8JsonReader reader, ref long target, string field, ref EventDraft draft)
    {
        if (!EventTime.TryRead(ref reader, out target))
        {
            reader.Skip();
            draft.Fault ??= new EventFault(
                "invalid_timestamp", $"{field} must be ISO 8601 text from 1970 on, for example 2026-01-31T12:00:00.000Z.");
        }
    }

    private static void ReadObject(
        ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, ref ReadOnlyMemory<byte> target, string field, ref EventDraft draft)
    {
        if (!TryReadObject(ref reader, body, out target))
        {
            draft.Fault ??= new EventFault("invalid_field", $"{field} must be a JSON object.");
        }
    }

    private static ReadOnlyMemory<byte> Slice(ReadOnlyMemory<byte> body, long start, long end) => body[(int)start..(int)end];
}

/// <summary>
/// An event as read, before the envelope's sentAt and context are known; both may come after the events. The slices point into the
/// request's single buffer. Times are Unix milliseconds, or <see cref="EventTime.None"/> when the client sent none.
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
    public string? GroupId;
    public string? MessageId;
    public long Timestamp;
    public long OriginalTimestamp;
    public long SentAt;
    public ReadOnlyMemory<byte> Properties;
    public ReadOnlyMemory<byte> Traits;
    public ReadOnlyMemory<byte> Context;
    public ReadOnlyMemory<byte> Raw;

    /// <summary>The first error found; null when there is none.</summary>
    public EventFault? Fault;
}

/// <summary>Why an event can never be accepted.</summary>
internal sealed record EventFault(string Code, string Message);
