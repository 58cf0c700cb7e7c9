using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;

namespace OrleansSegments.Silo.Imports;

/// <summary>Reads lines of Online Retail II. Lines come sorted, so the last time is remembered instead of parsed again.</summary>
internal sealed class RetailLineParser(int lineBytesMax)
{
    private const int FieldCount = 8;
    private const int InvoiceNumberLengthMax = 32;
    private const NumberStyles PriceStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss";

    private readonly byte[] _scratch = new byte[lineBytesMax];
    private readonly byte[] _lastTime = new byte[TimeFormat.Length];
    private long _lastMilliseconds;

    /// <summary>The header as it is converted here, and as the publisher's own workbook exports it.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> line) =>
        line.SequenceEqual("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"u8)
        || line.SequenceEqual("Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country"u8);

    /// <param name="parsed">Valid until the next call and as long as the line is.</param>
    public bool TryParse(ReadOnlySpan<byte> line, out RetailLine parsed)
    {
        parsed = default;
        Span<Range> fields = stackalloc Range[FieldCount];
        if (!Utf8.IsValid(line) || !CsvFields.TrySplit(line, fields))
            return false;

        // Each field has its own part of the scratch space: where it stands in the line.
        var invoice = Field(line, fields[0]);
        var customer = Field(line, fields[6]);
        if (invoice.Length is 0 or > InvoiceNumberLengthMax
            || !TryParseQuantity(Field(line, fields[3]), out var quantity)
            || !TryParseTime(Field(line, fields[4]), out var occurredAt)
            || !decimal.TryParse(Field(line, fields[5]), PriceStyle, CultureInfo.InvariantCulture, out var price))
        {
            return false;
        }

        parsed = new RetailLine
        {
            InvoiceNumber = invoice,
            StockCode = Field(line, fields[1]),
            Description = Field(line, fields[2]),
            Quantity = quantity,
            OccurredAtMilliseconds = occurredAt,
            UnitPrice = price,
            // Spreadsheets export the column, which has gaps, as floating point.
            CustomerId = customer.EndsWith(".0"u8) ? customer[..^2] : customer,
            Country = Field(line, fields[7]),
        };
        return true;
    }

    private ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, Range range) => CsvFields.Unquote(line[range], _scratch.AsSpan(range));

    private static bool TryParseQuantity(ReadOnlySpan<byte> field, out int quantity) =>
        Utf8Parser.TryParse(field, out quantity, out var consumed) && consumed == field.Length && quantity != int.MinValue;

    private bool TryParseTime(ReadOnlySpan<byte> field, out long milliseconds)
    {
        milliseconds = _lastMilliseconds;
        if (field.SequenceEqual(_lastTime))
            return true;
        if (field.Length != TimeFormat.Length)
            return false;

        Span<char> characters = stackalloc char[TimeFormat.Length];
        for (var index = 0; index < field.Length; index++)
            characters[index] = (char)field[index];
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTime.TryParseExact(characters, TimeFormat, CultureInfo.InvariantCulture, utc, out var time))
            return false;

        field.CopyTo(_lastTime);
        _lastMilliseconds = milliseconds = new DateTimeOffset(time).ToUnixTimeMilliseconds();
        return true;
    }
}
