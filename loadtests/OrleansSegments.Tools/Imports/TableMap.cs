using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansSegments.Silo;
using OrleansSegments.Silo.Hosting;

namespace OrleansSegments.Tools.Imports;

/// <summary>Says which column of a table means what. A name that begins with = is no column but a constant. docs/import.md describes it.</summary>
internal sealed record TableMap
{
    /// <summary>The name of the event: a column or a constant.</summary>
    public string? Event { get; init; }

    /// <summary>Names of events in the table and what they are called here; null leaves the rows out.</summary>
    public IReadOnlyDictionary<string, string?> Events { get; init; } = new Dictionary<string, string?>();

    public string? Customer { get; init; }

    public string? Anonymous { get; init; }

    public string? Time { get; init; }

    public string? Order { get; init; }

    public string? Message { get; init; }

    /// <summary>The amount of a whole order: on its first row, or the same on each.</summary>
    public string? Total { get; init; }

    /// <summary>The amount of a row; an order's total is their sum.</summary>
    public string? Amount { get; init; }

    public string? Currency { get; init; }

    public string? Product { get; init; }

    public string? ProductName { get; init; }

    public string? Price { get; init; }

    public string? Quantity { get; init; }

    /// <summary>Where the customer lives: the trait address.country and the context's location.</summary>
    public string? Country { get; init; }

    /// <summary>Traits and the columns they come from.</summary>
    public IReadOnlyDictionary<string, string> Traits { get; init; } = new Dictionary<string, string>();

    /// <summary>Further properties and the columns they come from; names that begin with "product." go to the product.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> TimeFormat { get; init; } = [];

    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    public char? Delimiter { get; init; }

    public Encoding Encoding { get; init; } = Encoding.UTF8;

    public bool DecimalComma { get; init; }

    /// <exception cref="CommandException">The file is missing or wrong; every error is named.</exception>
    public static TableMap Load(string path)
    {
        if (!File.Exists(path))
            throw new CommandException($"--map {path}: there is no such file. docs/import.md has examples of maps.");

        return Parse(path, File.ReadAllBytes(path));
    }

    public static TableMap Parse(string path, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var reader = new MapReader(document.RootElement);
            var map = reader.Read();
            return reader.Errors.Count == 0 ? map : throw new CommandException($"--map {path}: {string.Join(" ", reader.Errors)} docs/import.md has examples of maps.");
        }
        catch (JsonException error)
        {
            throw new CommandException($"--map {path} is no JSON: {error.Message} docs/import.md has examples of maps.");
        }
    }
}

/// <summary>Reads a map and collects what is wrong with it.</summary>
internal sealed class MapReader(JsonElement root)
{
    private static readonly string[] Names =
    [
        "event", "events", "customer", "anonymous", "time", "timeFormat", "timeZone", "order", "message", "total", "amount", "currency", "product", "productName", "price",
        "quantity", "country", "traits", "properties", "delimiter", "encoding", "decimalComma",
    ];

    public List<string> Errors { get; } = [];

    public TableMap Read()
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            Errors.Add("it must be a JSON object.");
            return new TableMap();
        }

        foreach (var entry in root.EnumerateObject().Where(entry => !Names.Contains(entry.Name)))
            Errors.Add($"'{entry.Name}' is not known{(SettingNames.Nearest(entry.Name, Names) is { } near ? $"; the nearest is '{near}'" : $"; it can be {string.Join(", ", Names)}")}.");
        var map = new TableMap
        {
            Event = Text("event"),
            Events = Texts("events")!,
            Customer = Text("customer"),
            Anonymous = Text("anonymous"),
            Time = Text("time"),
            TimeFormat = Formats(),
            TimeZone = Zone(),
            Order = Text("order"),
            Message = Text("message"),
            Total = Text("total"),
            Amount = Text("amount"),
            Currency = Text("currency"),
            Product = Text("product"),
            ProductName = Text("productName"),
            Price = Text("price"),
            Quantity = Text("quantity"),
            Country = Text("country"),
            Traits = Columns("traits"),
            Properties = Columns("properties"),
            Delimiter = Delimiter(),
            Encoding = FileEncoding(),
            DecimalComma = Flag("decimalComma"),
        };
        if (map.Event is null && map.Order is null)
            Errors.Add("it needs 'event' (a column, or a constant such as '=Order Completed'), or 'order'.");
        if (map.Customer is null && map.Anonymous is null)
            Errors.Add("it needs 'customer' or 'anonymous'.");
        if (map.Time is null)
            Errors.Add("it needs 'time'.");
        return map;
    }

    private string? Text(string name)
    {
        if (!root.TryGetProperty(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            return text;

        Errors.Add($"'{name}' must be a text.");
        return null;
    }

    private Dictionary<string, string?> Texts(string name)
    {
        var texts = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (!root.TryGetProperty(name, out var value))
            return texts;
        if (value.ValueKind != JsonValueKind.Object || value.EnumerateObject().Any(entry => entry.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)))
        {
            Errors.Add($"'{name}' must be an object of texts.");
            return texts;
        }

        foreach (var entry in value.EnumerateObject())
            texts[entry.Name] = entry.Value.GetString();
        return texts;
    }

    /// <summary>Names and the columns they come from: an object, or a list of columns that keep their names.</summary>
    private Dictionary<string, string> Columns(string name)
    {
        if (root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String))
            return value.EnumerateArray().Select(entry => entry.GetString()!).Distinct().ToDictionary(column => column);

        var texts = Texts(name);
        if (texts.Values.Any(string.IsNullOrEmpty))
            Errors.Add($"'{name}' must name a column for each of its names.");
        return texts.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value!);
    }

    private List<string> Formats()
    {
        List<string> formats = root.TryGetProperty("timeFormat", out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(entry => entry.ToString())]
            : Text("timeFormat") is { } one ? [one] : [];
        foreach (var format in formats.Where(format => format != CellTime.IsoName && !CellTime.Units.ContainsKey(format) && !IsFormat(format)))
            Errors.Add($"'timeFormat' is '{format}'; it must be a format such as 'dd/MM/yyyy HH:mm', or iso, seconds, milliseconds or microseconds.");
        return formats;
    }

    private static bool IsFormat(string format)
    {
        var moment = new DateTime(2011, 12, 29, 13, 14, 15, DateTimeKind.Utc);
        try
        {
            return format.Contains('y', StringComparison.Ordinal)
                && DateTime.TryParseExact(
                    moment.ToString(format, CultureInfo.InvariantCulture), format, CultureInfo.InvariantCulture,
                    DateTimeStyles.AdjustToUniversal, out var read)
                && read.Date == moment.Date;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private TimeZoneInfo Zone()
    {
        var name = Text("timeZone") ?? "UTC";
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
            return zone;

        Errors.Add($"'timeZone' is '{name}'; it must be a name such as Europe/London or UTC.");
        return TimeZoneInfo.Utc;
    }

    private char? Delimiter()
    {
        var text = Text("delimiter");
        if (text is null or { Length: 1 })
            return text?[0];
        if (text == "tab")
            return '\t';

        Errors.Add($"'delimiter' is '{text}'; it must be one character, or tab.");
        return null;
    }

    private Encoding FileEncoding()
    {
        switch (Text("encoding")?.ToUpperInvariant())
        {
            case null or "UTF-8":
                return Encoding.UTF8;
            case "WINDOWS-1252" or "CP1252":
                return CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
            case "LATIN1" or "ISO-8859-1":
                return Encoding.Latin1;
            case "UTF-16" or "UTF-16LE":
                return Encoding.Unicode;
            case "UTF-16BE":
                return Encoding.BigEndianUnicode;
            default:
                Errors.Add($"'encoding' is '{Text("encoding")}'; it must be utf-8, windows-1252, iso-8859-1, utf-16 or utf-16be.");
                return Encoding.UTF8;
        }
    }

    private bool Flag(string name)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.ValueKind == JsonValueKind.True;

        Errors.Add($"'{name}' must be true or false.");
        return false;
    }
}
