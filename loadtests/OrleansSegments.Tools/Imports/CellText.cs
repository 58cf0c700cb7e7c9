using System.Globalization;
using System.Text.Json;

namespace OrleansSegments.Tools.Imports;

/// <summary>Reads the cells of a table, as databases and spreadsheets write them.</summary>
internal static class CellText
{
    private const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly CultureInfo Comma = new("") { NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = "." } };

    /// <summary>
    /// Reads a number. With a decimal comma, points are thousands: 1.234,50. A point that cannot be one, as in 6.0, is still a decimal point, because
    /// programs write whole numbers so into any table.
    /// </summary>
    public static bool TryNumber(string text, bool decimalComma, out decimal number)
    {
        if (!decimalComma || (!text.Contains(',', StringComparison.Ordinal) && !IsGrouped(text)))
            return decimal.TryParse(text, Plain, CultureInfo.InvariantCulture, out number);

        number = 0;
        var whole = text.Split(',')[0];
        return (IsGrouped(whole) || !whole.Contains('.', StringComparison.Ordinal))
            && decimal.TryParse(text, Plain | NumberStyles.AllowThousands, Comma, out number);
    }

    /// <summary>An id that passed through a column of floating-point numbers loses the decimal point that it got there.</summary>
    public static string Id(string text) =>
        text.EndsWith(".0", StringComparison.Ordinal) && text.AsSpan(0, text.Length - 2).IndexOfAnyExceptInRange('0', '9') < 0 ? text[..^2] : text;

    /// <summary>Writes a cell as a JSON number, a JSON boolean or a text. A number with leading zeros is an id or a postal code: text.</summary>
    public static void Write(Utf8JsonWriter json, string name, string text, bool decimalComma)
    {
        var digits = text.AsSpan().TrimStart('-');
        var isNumber = digits.Length is > 0 and <= 15 && char.IsAsciiDigit(digits[0]) && !(digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1]));
        if (isNumber && TryNumber(text, decimalComma, out var number))
            json.WriteNumber(name, number);
        else if (bool.TryParse(text, out var isTrue))
            json.WriteBoolean(name, isTrue);
        else
            json.WriteString(name, text);
    }

    /// <summary>Points before groups of three digits, and nothing else but digits and a sign.</summary>
    private static bool IsGrouped(string text)
    {
        var groups = text.TrimStart('-', '+').Split('.');
        return groups.Length > 1 && groups[0].Length is > 0 and <= 3 && groups.Skip(1).All(group => group.Length == 3) && groups.All(group => group.All(char.IsAsciiDigit));
    }
}

/// <summary>Reads the times of a table.</summary>
/// <param name="formats">Formats in .NET's letters, iso, or seconds, milliseconds or microseconds since 1970; empty for ISO 8601.</param>
/// <param name="zone">The zone of times that name none.</param>
internal sealed class CellTime(IReadOnlyList<string> formats, TimeZoneInfo zone)
{
    private static readonly string[] Iso =
    [
        .. from day in (string[])["yyyy-MM-dd"]
           from separator in (string[])["' '", "'T'"]
           from time in (string[])["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF"]
           from offset in (string[])["K", " zzz"]
           select day + separator + time + offset,
        "yyyy-MM-dd",
        "yyyyMMdd",
    ];

    /// <summary>Times since 1970, in milliseconds.</summary>
    public static readonly IReadOnlyDictionary<string, decimal> Units =
        new Dictionary<string, decimal>(StringComparer.Ordinal) { ["seconds"] = 1_000m, ["milliseconds"] = 1m, ["microseconds"] = 0.001m };

    /// <summary>Stands for ISO 8601 among formats.</summary>
    public const string IsoName = "iso";

    private readonly string[] _formats = formats.Count == 0 ? Iso : [.. formats.Where(format => !Units.ContainsKey(format)).SelectMany(format => format == IsoName ? Iso : [format])];
    private readonly decimal[] _units = [.. formats.Where(Units.ContainsKey).Select(format => Units[format])];

    /// <param name="milliseconds">Unix milliseconds.</param>
    public bool TryRead(string text, out long milliseconds)
    {
        milliseconds = 0;
        var iso = text.EndsWith(" UTC", StringComparison.Ordinal) ? $"{text[..^4]}Z" : text;
        if (DateTime.TryParseExact(iso, _formats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time))
        {
            var offset = time.Kind == DateTimeKind.Utc ? TimeSpan.Zero : zone.GetUtcOffset(time);
            milliseconds = new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Unspecified), TimeSpan.Zero).ToUnixTimeMilliseconds() - (long)offset.TotalMilliseconds;
            return true;
        }

        if (_units.Length == 0 || !CellText.TryNumber(text, decimalComma: false, out var number) || Math.Abs(number) > 1e18m)
            return false;

        milliseconds = (long)Math.Floor(number * _units[0]);
        return true;
    }
}
