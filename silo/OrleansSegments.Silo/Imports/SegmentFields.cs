using System.Text;
using System.Text.Json;

namespace OrleansSegments.Silo.Imports;

/// <summary>
/// The members of one Segment event that matter to an import, as they stand in the line.
/// Unknown members are passed over; of a repeated one the last counts.
/// </summary>
internal ref struct SegmentFields
{
    public string? Type;
    public string? EventName;
    public string? Name;
    public string? UserId;
    public string? AnonymousId;
    public string? PreviousId;
    public string? MessageId;
    public SegmentTime Timestamp;
    public SegmentTime OriginalTimestamp;
    public SegmentObject Properties;
    public SegmentObject Traits;
    public SegmentObject Context;

    /// <exception cref="JsonException">The line is not one JSON object.</exception>
    /// <exception cref="InvalidOperationException">A text holds half a surrogate pair.</exception>
    public static SegmentFields Parse(ReadOnlySpan<byte> line)
    {
        var fields = default(SegmentFields);
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an event is a JSON object");

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            fields.Take(ref reader);

        // Reads on to find out whether something follows the object.
        while (reader.Read())
        {
        }

        return fields;
    }

    private void Take(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("type"u8))
            Type = Text(ref reader);
        else if (reader.ValueTextEquals("event"u8))
            EventName = Text(ref reader);
        else if (reader.ValueTextEquals("name"u8))
            Name = Text(ref reader);
        else if (reader.ValueTextEquals("userId"u8))
            UserId = Text(ref reader);
        else if (reader.ValueTextEquals("anonymousId"u8))
            AnonymousId = Text(ref reader);
        else if (reader.ValueTextEquals("previousId"u8))
            PreviousId = Text(ref reader);
        else if (reader.ValueTextEquals("messageId"u8))
            MessageId = Text(ref reader);
        else if (reader.ValueTextEquals("timestamp"u8))
            Timestamp = SegmentTime.Read(ref reader);
        else if (reader.ValueTextEquals("originalTimestamp"u8))
            OriginalTimestamp = SegmentTime.Read(ref reader);
        else if (reader.ValueTextEquals("properties"u8))
            Properties = SegmentObject.Read(ref reader);
        else if (reader.ValueTextEquals("traits"u8))
            Traits = SegmentObject.Read(ref reader);
        else if (reader.ValueTextEquals("context"u8))
            Context = SegmentObject.Read(ref reader);
        else
            reader.Skip();
    }

    /// <summary>Numbers are taken as they are written: ids of customers often are numbers.</summary>
    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        if (reader.TokenType == JsonTokenType.Number)
            return Encoding.UTF8.GetString(reader.ValueSpan);

        reader.Skip();
        return null;
    }
}
