using System.Text;
using System.Text.Json;

namespace OrleansSegments.ClientApi.Events;

/// <summary>Reads a JSON value as text.</summary>
internal static class JsonText
{
    /// <summary>
    /// The reader stands on a value and stays on it, or on its end when it is an object or array. Numbers come out as they were
    /// written; null and "" as null. False for other kinds, for text that is no valid Unicode, and for text with U+0000, which
    /// PostgreSQL cannot keep.
    /// </summary>
    public static bool TryRead(ref Utf8JsonReader reader, out string? text)
    {
        text = null;
        switch (reader.TokenType)
        {
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

    /// <summary>The reader stands on text or on a property name.</summary>
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
            // Half of a surrogate pair, written as an escape: valid JSON, but no text.
            return false;
        }
    }
}
