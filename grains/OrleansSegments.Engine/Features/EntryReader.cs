using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>Reads the properties of one JSON object and collects all errors instead of stopping at the first.</summary>
internal sealed class EntryReader(string entry, JsonElement element, List<CatalogueError> errors)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public string Entry { get; } = entry;

    private string[] Names => [.. element.EnumerateObject().Select(x => x.Name)];

    /// <summary>The same object under the name to be shown in error messages.</summary>
    public EntryReader Renamed(string name) => new(name, element, errors);

    public void Refuse(string property, string value, string rule, string cure) =>
        errors.Add(new CatalogueError(Entry, property, value, rule, cure));

    public bool Has(string property) => Find(property, out _);

    public string Text(string property, string rule, string? fallback = null)
    {
        if (!Find(property, out var value))
        {
            if (fallback is null)
            {
                Refuse(property, "missing", rule, $"Add \"{property}\".");
            }

            return fallback ?? "";
        }

        if (value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString()))
        {
            return value.GetString()!;
        }

        Refuse(property, value.GetRawText(), rule, "Write a text in quotes.");
        return fallback ?? "";
    }

    public double Number(string property, double least, double most, double fallback)
    {
        if (!Find(property, out var value))
        {
            return fallback;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Refuse(property, value.GetRawText(), $"it must be a number from {least} to {most}", $"Choose a number in that range, or leave \"{property}\" out.");
        return fallback;
    }

    public bool Flag(string property, bool fallback)
    {
        if (!Find(property, out var value))
        {
            return fallback;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Refuse(property, value.GetRawText(), "it must be true or false", "Write true or false without quotes.");
        return fallback;
    }

    public T Choice<T>(string property, T? fallback = null)
        where T : struct, Enum
    {
        var rule = "it must be one of " + string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName));
        var before = errors.Count;
        var text = Text(property, rule, fallback?.ToString());
        if (errors.Count > before)
        {
            return default;
        }

        if (char.IsLetter(text[0]) && Enum.TryParse<T>(text, ignoreCase: true, out var choice) && Enum.IsDefined(choice))
        {
            return choice;
        }

        Refuse(property, $"\"{text}\"", rule, "Choose one of these.");
        return default;
    }

    /// <summary>A string or a list of strings; numbers and booleans in the list count as their JSON text.</summary>
    public IReadOnlyList<string> Texts(string property)
    {
        if (!Find(property, out var value))
        {
            return [];
        }

        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        if (items.Length == 0 || items.Any(x => x.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null))
        {
            Refuse(property, value.GetRawText(), "it must be a text or a list of texts that is not empty", "List at least one text in quotes.");
            return [];
        }

        return [.. items.Select(x => x.ValueKind == JsonValueKind.String ? x.GetString()! : x.GetRawText())];
    }

    public EntryReader? Child(string property)
    {
        if (!Find(property, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new EntryReader($"{Entry}.{property}", value, errors);
        }

        Refuse(property, value.GetRawText(), "it must be an object", "Write it in braces.");
        return null;
    }

    public IEnumerable<EntryReader> Children(string property)
    {
        if (!Find(property, out var value))
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(x => x.ValueKind == JsonValueKind.Object))
        {
            return value.EnumerateArray().Select((x, i) => new EntryReader($"{Entry}.{property}[{i}]", x, errors)).ToArray();
        }

        Refuse(property, value.GetRawText(), "it must be a list of objects", "Write objects between [ and ].");
        return [];
    }

    public IReadOnlyList<KeyValuePair<string, double>> Table(string property)
    {
        if (!Find(property, out var value))
        {
            return [];
        }

        var rows = new List<KeyValuePair<string, double>>();
        if (value.ValueKind != JsonValueKind.Object)
        {
            Refuse(property, value.GetRawText(), "it must be an object of texts and numbers", "Write for example {\"low\": 0, \"high\": 1}.");
            return rows;
        }

        foreach (var row in value.EnumerateObject())
        {
            if (row.Value.ValueKind == JsonValueKind.Number && row.Value.TryGetDouble(out var number) && double.IsFinite(number))
            {
                rows.Add(new(row.Name, number));
            }
            else
            {
                Refuse($"{property}.{row.Name}", row.Value.GetRawText(), "it must be a number", "Write a number without quotes.");
            }
        }

        return rows;
    }

    /// <summary>An object whose values are texts or lists of texts.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> TextTable(string property) =>
        Child(property) is { } child ? [.. child.Names.Select(name => new KeyValuePair<string, IReadOnlyList<string>>(name, child.Texts(name)))] : [];

    /// <summary>The raw value, for properties that allow several JSON types.</summary>
    public JsonElement? Raw(string property) => Find(property, out var value) ? value : null;

    /// <summary>Call last: reports every property that was never read as unknown.</summary>
    public void RefuseUnknown()
    {
        foreach (var property in element.EnumerateObject().Where(x => !_known.Contains(x.Name)))
        {
            Refuse(property.Name, property.Value.GetRawText(), "no such property is known here", $"Known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}.");
        }
    }

    private bool Find(string property, out JsonElement value)
    {
        _known.Add(property);
        return element.TryGetProperty(property, out value);
    }
}
