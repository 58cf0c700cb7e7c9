using System.Text.Json;

namespace OrleansSegments.Silo.Imports;

/// <summary>A JSON object inside a line: where it stands. Null counts as absent.</summary>
internal readonly record struct SegmentObject(int Start, int End, bool IsMalformed)
{
    public static SegmentObject Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        var type = reader.TokenType;
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return type switch
        {
            JsonTokenType.StartObject => new SegmentObject(start, (int)reader.BytesConsumed, IsMalformed: false),
            JsonTokenType.Null => default,
            _ => new SegmentObject(0, 0, IsMalformed: true),
        };
    }

    public ReadOnlyMemory<byte> CopyFrom(ReadOnlySpan<byte> line) => End == 0 ? ReadOnlyMemory<byte>.Empty : line[Start..End].ToArray();
}
