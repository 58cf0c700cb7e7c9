using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSegments.ClientApi.Json;

/// <summary>
/// Writes NaN and infinities, which JSON cannot express, as null: the value is unknown. Every feature writes its answers without
/// reflection, through its own JsonSerializerContext with this converter.
/// </summary>
internal sealed class FiniteDoubleConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

/// <summary>JSON that a grain returns as bytes, embedded into an answer.</summary>
internal static class RawJson
{
    public static JsonElement EmptyObject { get; } = JsonElement.Parse("{}"u8);

    public static JsonElement ObjectOf(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? EmptyObject : JsonElement.Parse(utf8);
}
