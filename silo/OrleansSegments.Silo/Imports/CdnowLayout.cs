using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;

namespace OrleansSegments.Silo.Imports;

/// <summary>Where the columns stand: the master file has four, the published sample a second customer number after the first.</summary>
internal sealed class CdnowLayout
{
    private const int MasterColumns = 4;
    private const int SampleColumns = 5;
    private const string DayFormat = "yyyyMMdd";

    private readonly int _columns;

    private CdnowLayout(int columns, bool hasHeader)
    {
        _columns = columns;
        HasHeader = hasHeader;
    }

    public bool HasHeader { get; }

    /// <returns>Null when the first line is neither the master's header nor a transaction.</returns>
    public static CdnowLayout? Detect(ReadOnlySpan<byte> firstLine)
    {
        Span<Range> columns = stackalloc Range[SampleColumns];
        if (!TrySplit(firstLine, columns, out var count))
            return null;
        if (count == MasterColumns && firstLine[columns[0]].SequenceEqual("customer_id"u8) && firstLine[columns[1]].SequenceEqual("date"u8))
            return new CdnowLayout(MasterColumns, hasHeader: true);
        if (count is not (MasterColumns or SampleColumns))
            return null;

        var layout = new CdnowLayout(count, hasHeader: false);
        return layout.TryParse(firstLine, out _, out _, out _, out _) ? layout : null;
    }

    /// <param name="customerId">As printed, leading zeros included: the number in the master file.</param>
    public bool TryParse(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> customerId, out long dayMilliseconds, out int quantity, out decimal dollars)
    {
        customerId = default;
        dayMilliseconds = quantity = 0;
        dollars = 0;
        Span<Range> columns = stackalloc Range[SampleColumns];
        if (!Utf8.IsValid(line) || !TrySplit(line, columns, out var count) || count != _columns)
            return false;

        customerId = line[columns[0]];
        columns = columns[(count - 3)..count];
        var quantityText = line[columns[1]];
        return TryParseDay(line[columns[0]], out dayMilliseconds)
            && Utf8Parser.TryParse(quantityText, out quantity, out var consumed)
            && consumed == quantityText.Length
            && decimal.TryParse(line[columns[2]], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out dollars);
    }

    private static bool TrySplit(ReadOnlySpan<byte> line, Span<Range> columns, out int count)
    {
        count = 0;
        var position = 0;
        while (true)
        {
            var blanks = line[position..].IndexOfAnyExcept((byte)' ', (byte)'\t');
            if (blanks < 0)
                return true;
            if (count == columns.Length)
                return false;

            position += blanks;
            var length = line[position..].IndexOfAny((byte)' ', (byte)'\t');
            var end = length < 0 ? line.Length : position + length;
            columns[count++] = position..end;
            position = end;
        }
    }

    private static bool TryParseDay(ReadOnlySpan<byte> field, out long milliseconds)
    {
        milliseconds = 0;
        if (field.Length != DayFormat.Length)
            return false;

        Span<char> characters = stackalloc char[DayFormat.Length];
        for (var index = 0; index < field.Length; index++)
            characters[index] = (char)field[index];
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTime.TryParseExact(characters, DayFormat, CultureInfo.InvariantCulture, utc, out var day))
            return false;

        milliseconds = new DateTimeOffset(day).ToUnixTimeMilliseconds();
        return true;
    }
}
