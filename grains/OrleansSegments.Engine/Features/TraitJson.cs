namespace OrleansSegments.Engine.Features;

/// <summary>Puts stored traits together as a JSON object; names and values are raw JSON already.</summary>
internal static class TraitJson
{
    public static byte[] Write(ReadOnlySpan<byte> state)
    {
        var format = new StateFormat(state);
        var json = new byte[format.Traits.Length + 2];
        var length = 1;
        json[0] = (byte)'{';
        for (int i = 0, at = 0; i < format.TraitCount; i++)
        {
            var (_, name, value) = TraitTable.RowAt(format.Traits, at);
            at = value.End.Value;
            if (format.Traits[value].SequenceEqual("null"u8))
            {
                continue;
            }

            Append(json, ref length, length > 1 ? ",\""u8 : "\""u8);
            Append(json, ref length, format.Traits[name]);
            Append(json, ref length, "\":"u8);
            Append(json, ref length, format.Traits[value]);
        }

        json[length++] = (byte)'}';
        return json[..length];
    }

    private static void Append(byte[] json, ref int length, ReadOnlySpan<byte> text)
    {
        text.CopyTo(json.AsSpan(length));
        length += text.Length;
    }
}
