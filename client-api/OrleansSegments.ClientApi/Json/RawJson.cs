using System.Text.Json;

namespace OrleansSegments.ClientApi.Json;

/// <summary>JSON that a grain hands over as bytes, on its way into an answer.</summary>
internal static class RawJson
{
    public static JsonElement EmptyObject { get; } = JsonElement.Parse("{}"u8);

    public static JsonElement ObjectOf(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? EmptyObject : JsonElement.Parse(utf8);
}
