using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using nietras.SeparatedValues;

namespace OrleansSegments.Tools.Imports;

/// <summary>One line of an invoice of Online Retail II.</summary>
/// <param name="UnitPrice">GBP for one piece.</param>
internal sealed record RetailLine(
    string InvoiceNumber, string StockCode, string Description, int Quantity, long OccurredAtMilliseconds, decimal UnitPrice, string CustomerId, string Country)
{
    private const int FieldCount = 8;
    private const int InvoiceNumberLengthMax = 32;
    private const NumberStyles PriceStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    private static readonly SepReaderOptions Csv = Sep.New(',').Reader(o => o with { HasHeader = false, DisableColCountCheck = true, Unescape = true });

    public bool IsCancellation => InvoiceNumber[0] == 'C';

    public bool IsBadDebt => InvoiceNumber[0] == 'A';

    public bool IsOrder => char.IsAsciiDigit(InvoiceNumber[0]);

    /// <summary>The header as it is converted here, and as the publisher's own workbook exports it.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> line) =>
        line.SequenceEqual("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"u8)
        || line.SequenceEqual("Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country"u8);

    /// <summary>
    /// A line is a record, with a CSV reader of its own: a quote that is not closed spoils its own line and no other. Null when the line is none of an invoice.
    /// </summary>
    public static RetailLine? Parse(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
            return null;

        using var reader = Csv.FromText(Encoding.UTF8.GetString(line));
        if (!reader.MoveNext())
            return null;

        var fields = reader.Current;
        if (fields.ColCount != FieldCount
            || fields[0].Span.Length is 0 or > InvoiceNumberLengthMax
            || !int.TryParse(fields[3].Span, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var quantity)
            || quantity == int.MinValue
            || !DateTimeOffset.TryParseExact(fields[4].Span, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, Utc, out var time)
            || !decimal.TryParse(fields[5].Span, PriceStyle, CultureInfo.InvariantCulture, out var price))
        {
            return null;
        }

        // Spreadsheets export the column, which has gaps, as floating point.
        var customer = fields[6].Span;
        customer = customer.EndsWith(".0") ? customer[..^2] : customer;
        return new RetailLine(
            fields[0].ToString(), fields[1].ToString(), fields[2].ToString(), quantity, time.ToUnixTimeMilliseconds(), price, customer.ToString(), fields[7].ToString());
    }
}

/// <summary>The JSON that says where a customer lives, made once for each country.</summary>
internal sealed class RetailCountries
{
    /// <summary>More countries than there are: a damaged file must not fill the memory.</summary>
    private const int RememberedMax = 1024;

    private readonly Dictionary<string, (byte[] Traits, byte[] Context)> _known = new(StringComparer.Ordinal);

    public (byte[] Traits, byte[] Context) this[string country]
    {
        get
        {
            if (_known.TryGetValue(country, out var documents))
                return documents;

            documents = Write(country);
            if (_known.Count < RememberedMax)
                _known.Add(country, documents);
            return documents;
        }
    }

    private static (byte[] Traits, byte[] Context) Write(string country)
    {
        if (country is "" or "Unspecified")
            return ("{}"u8.ToArray(), []);

        var quoted = JsonSerializer.SerializeToUtf8Bytes(country);
        return ([.. "{\"address\":{\"country\":"u8, .. quoted, .. "}}"u8], [.. "{\"location\":{\"country\":"u8, .. quoted, .. "}}"u8]);
    }
}
