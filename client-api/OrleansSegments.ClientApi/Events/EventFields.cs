using System.Text;
using System.Text.Json;

namespace OrleansSegments.ClientApi.Events;

/// <summary>Recognises field names without allocating strings.</summary>
internal static class EventFields
{
    /// <summary>Upper bound of the encoded length of every known field name, even with each character escaped as \uXXXX.</summary>
    private const int NameBytesMax = 128;

    /// <summary>The reader must be on a property name.</summary>
    public static EventField Current(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Of(reader.ValueSpan);
        }

        if (reader.ValueSpan.Length > NameBytesMax)
        {
            return EventField.Unknown;
        }

        Span<byte> unescaped = stackalloc byte[NameBytesMax];
        return Of(unescaped[..reader.CopyString(unescaped)]);
    }

    private static EventField Of(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => name.SequenceEqual("type"u8) ? EventField.Type : name.SequenceEqual("name"u8) ? EventField.Name : EventField.Unknown,
        5 => name.SequenceEqual("event"u8) ? EventField.Event : name.SequenceEqual("batch"u8) ? EventField.Batch : EventField.Unknown,
        6 => name.SequenceEqual("userId"u8) ? EventField.UserId
            : name.SequenceEqual("traits"u8) ? EventField.Traits
            : name.SequenceEqual("sentAt"u8) ? EventField.SentAt : EventField.Unknown,
        7 => name.SequenceEqual("context"u8) ? EventField.Context
            : name.SequenceEqual("groupId"u8) ? EventField.GroupId : EventField.Unknown,
        8 => name.SequenceEqual("writeKey"u8) ? EventField.WriteKey : EventField.Unknown,
        9 => name.SequenceEqual("messageId"u8) ? EventField.MessageId
            : name.SequenceEqual("timestamp"u8) ? EventField.Timestamp : EventField.Unknown,
        10 => name.SequenceEqual("properties"u8) ? EventField.Properties
            : name.SequenceEqual("previousId"u8) ? EventField.PreviousId : EventField.Unknown,
        11 => name.SequenceEqual("anonymousId"u8) ? EventField.AnonymousId : EventField.Unknown,
        17 => name.SequenceEqual("originalTimestamp"u8) ? EventField.OriginalTimestamp : EventField.Unknown,
        _ => EventField.Unknown,
    };
}

/// <summary>The fields of an event or envelope that are read; all others are skipped.</summary>
internal enum EventField
{
    Unknown,
    Type,
    Event,
    Name,
    UserId,
    AnonymousId,
    PreviousId,
    GroupId,
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

/// <summary>Reads a JSON value as text.</summary>
internal static class JsonText
{
    /// <summary>
    /// The reader must be on a value; it stays there, or moves to the end of an object or array. Numbers are returned as written; null and
    /// "" as null. Returns false for other kinds, for invalid Unicode, and for text with U+0000, which PostgreSQL cannot store.
    /// </summary>
    /// <param name="recurs">True for names that many events share: their strings are reused.</param>
    public static bool TryRead(ref Utf8JsonReader reader, out string? text, bool recurs = false)
    {
        text = null;
        switch (reader.TokenType)
        {
            case JsonTokenType.String when recurs && !reader.ValueIsEscaped && reader.ValueSpan.Length is > 0 and <= RecurringNames.BytesMax:
                text = RecurringNames.Of(reader.ValueSpan);
                return true;
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.Number:
                text = Encoding.UTF8.GetString(reader.ValueSpan);
                return true;
            case JsonTokenType.String:
                return TryUnescape(ref reader, out text);
            default:
                reader.Skip();
                return false;
        }
    }

    /// <summary>The reader must be on a string or a property name.</summary>
    public static bool TryUnescape(ref Utf8JsonReader reader, out string? text)
    {
        text = null;
        try
        {
            var read = reader.GetString();
            text = string.IsNullOrEmpty(read) ? null : read;
            return text is null || !text.Contains('\0', StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            // An escaped lone surrogate: valid JSON, but not valid Unicode.
            return false;
        }
    }
}

/// <summary>
/// The strings of names that recur, such as those of events. A table of fixed size in which a new name takes the place of another with the same hash.
/// Thread-safe: a place is read once and written once.
/// </summary>
internal static class RecurringNames
{
    public const int BytesMax = 64;

    private const int Places = 1_024;

    private static readonly string?[] Kept = new string?[Places];

    public static string Of(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var place = ref Kept[hash.ToHashCode() & (Places - 1)];
        return place is { } known && Ascii.Equals(utf8, known) ? known : place = Encoding.UTF8.GetString(utf8);
    }
}
