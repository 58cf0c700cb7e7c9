using System.Text.Json;

namespace OrleansSegments.Engine.Events;

/// <summary>Takes the top-level traits of an identify call as raw JSON. Names and values beyond the limits are skipped, each by itself, so
/// that the outcome does not depend on what came before.</summary>
internal static class TraitReader
{
    public const int NameBytesMax = 64;
    public const int ValueBytesMax = 512;
    public const int TraitsPerEventMax = 300;

    public static void Read(ReadOnlySpan<byte> json, FactsWriter writer)
    {
        if (json.IsEmpty)
        {
            return;
        }

        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = json[start..(int)reader.BytesConsumed];
            if (name.Length is > 0 and <= NameBytesMax && value.Length <= ValueBytesMax && count++ < TraitsPerEventMax)
            {
                writer.AddTrait(name, value);
            }
        }
    }
}
