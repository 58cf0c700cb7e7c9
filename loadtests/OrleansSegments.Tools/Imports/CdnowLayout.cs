using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace OrleansSegments.Tools.Imports;

/// <summary>Where the columns stand: the master file has four, the published sample a second customer number after the first.</summary>
internal sealed class CdnowLayout
{
    private const int MasterColumns = 4;
    private const int SampleColumns = 5;
    private const NumberStyles DollarStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

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
        var columns = Split(firstLine);
        if (columns is ["customer_id", "date", _, _])
            return new CdnowLayout(MasterColumns, hasHeader: true);
        if (columns.Length is not (MasterColumns or SampleColumns))
            return null;

        var layout = new CdnowLayout(columns.Length, hasHeader: false);
        return layout.TryParse(firstLine, out _, out _, out _, out _) ? layout : null;
    }

    /// <param name="customerId">As printed, leading zeros included: the number in the master file.</param>
    public bool TryParse(ReadOnlySpan<byte> line, out string customerId, out DateTimeOffset day, out int quantity, out decimal dollars)
    {
        customerId = "";
        day = default;
        quantity = 0;
        dollars = 0;
        var columns = Split(line);
        if (!Utf8.IsValid(line) || columns.Length != _columns)
            return false;

        customerId = columns[0];
        return DateTimeOffset.TryParseExact(columns[^3], "yyyyMMdd", CultureInfo.InvariantCulture, Utc, out day)
            && int.TryParse(columns[^2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out quantity)
            && decimal.TryParse(columns[^1], DollarStyle, CultureInfo.InvariantCulture, out dollars);
    }

    private static string[] Split(ReadOnlySpan<byte> line) => Encoding.UTF8.GetString(line).Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
}
