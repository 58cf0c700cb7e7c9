using System.Text.Json;

namespace OrleansSegments.Silo.Imports;

/// <summary>A time in ISO 8601; without an offset it is taken as UTC.</summary>
internal readonly record struct SegmentTime(bool IsPresent, long? Milliseconds)
{
    public static SegmentTime Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return default;

        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTime(out var time))
        {
            reader.Skip();
            return new SegmentTime(IsPresent: true, Milliseconds: null);
        }

        var utc = time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime();
        return new SegmentTime(IsPresent: true, new DateTimeOffset(utc).ToUnixTimeMilliseconds());
    }
}
