using System.Text.Json;

namespace OrleansSegments.Bus;

/// <summary>Finds the events in a message: a batch, a single event, or either of them in MassTransit's envelope.</summary>
internal static class MessageBody
{
    /// <summary>A body as the ingestion API takes it. What is neither is handed on as it is, so that the API's error says what is wrong.</summary>
    public static ReadOnlyMemory<byte> BatchOf(ReadOnlyMemory<byte> body)
    {
        (ReadOnlyMemory<byte> message, bool isEvent) = Find(body);
        return isEvent ? (byte[])[.. "{\"batch\":["u8, .. message.Span, .. "]}"u8] : message;
    }

    private static (ReadOnlyMemory<byte> Message, bool IsEvent) Find(ReadOnlyMemory<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            ReadOnlyMemory<byte> message = default;
            (bool hasBatch, bool hasType, bool hasMessageType) = (false, false, false);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return (body, false);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                hasBatch |= reader.ValueTextEquals("batch"u8);
                hasType |= reader.ValueTextEquals("type"u8);
                hasMessageType |= reader.ValueTextEquals("messageType"u8);
                bool isMessage = reader.ValueTextEquals("message"u8);
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                message = isMessage ? body[start..(int)reader.BytesConsumed] : message;
            }

            return hasMessageType && !hasBatch && !message.IsEmpty ? Find(message) : (body, hasType && !hasBatch);
        }
        catch (JsonException)
        {
            return (body, false);
        }
    }
}
