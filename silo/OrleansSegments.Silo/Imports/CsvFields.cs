namespace OrleansSegments.Silo.Imports;

/// <summary>
/// Comma-separated fields (RFC 4180) of one line. A line is a record: a quote that is not closed spoils its own line and no other,
/// where a parser that lets quoted fields run over line ends would swallow the rest of the file.
/// </summary>
internal static class CsvFields
{
    /// <returns>False unless the line has exactly as many fields as <paramref name="fields"/> has room for.</returns>
    public static bool TrySplit(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        var start = 0;
        for (var index = 0; index < fields.Length; index++)
        {
            var end = FieldEnd(line, start);
            var isLast = index == fields.Length - 1;
            if (end < 0 || isLast != (end == line.Length))
                return false;

            fields[index] = start..end;
            start = end + 1;
        }

        return true;
    }

    /// <summary>Takes off the quotes and halves doubled ones inside; <paramref name="scratch"/> is used only for the latter.</summary>
    public static ReadOnlySpan<byte> Unquote(ReadOnlySpan<byte> field, Span<byte> scratch)
    {
        if (field is not [(byte)'"', .., (byte)'"'])
            return field;

        var inner = field[1..^1];
        if (!inner.Contains((byte)'"'))
            return inner;

        var length = 0;
        for (var index = 0; index < inner.Length; index++)
        {
            if (inner[index] == '"')
                index++;
            scratch[length++] = inner[index];
        }

        return scratch[..length];
    }

    private static int FieldEnd(ReadOnlySpan<byte> line, int start)
    {
        if (start == line.Length || line[start] != '"')
        {
            var comma = line[start..].IndexOf((byte)',');
            return comma < 0 ? line.Length : start + comma;
        }

        var position = start + 1;
        while (true)
        {
            var quote = line[position..].IndexOf((byte)'"');
            if (quote < 0)
                return -1;

            position += quote + 1;
            if (position == line.Length || line[position] == ',')
                return position;
            if (line[position] != '"')
                return -1;

            position++;
        }
    }
}
