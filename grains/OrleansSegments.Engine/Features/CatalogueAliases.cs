using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>Other names under which a catalogue's events and properties arrive.</summary>
/// <param name="Events">Name as sent, and the name in the catalogue.</param>
/// <param name="Paths">Path in the catalogue or the beginning of one, and the paths to look at after it.</param>
public sealed record CatalogueAliases(
    IReadOnlyList<KeyValuePair<string, string>> Events, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Paths)
{
    public static readonly CatalogueAliases None = new([], []);

    private static readonly Lazy<Dictionary<string, CatalogueAliases>> LazyPresets = new(ReadPresets);

    /// <summary>Vocabularies of other systems, by name; aliases.json holds them.</summary>
    public static IReadOnlyDictionary<string, CatalogueAliases> Presets => LazyPresets.Value;

    public CatalogueAliases With(CatalogueAliases other) => new([.. Events, .. other.Events], [.. Paths, .. other.Paths]);

    /// <summary>The path, then its aliases.</summary>
    public IEnumerable<FieldPath> Variants(FieldPath path)
    {
        yield return path;
        var text = path.ToString();
        foreach (var alias in Paths)
        {
            if (text == alias.Key || text.StartsWith(alias.Key + ".", StringComparison.Ordinal))
            {
                foreach (var to in alias.Value)
                {
                    if (FieldPath.Parse(to + text[alias.Key.Length..]) is { } variant)
                    {
                        yield return variant;
                    }
                }
            }
        }
    }

    /// <summary>The expression, then those of its aliases whose two paths refer to the same array.</summary>
    public IEnumerable<ValueExpression> Variants(ValueExpression expression) =>
        expression.Factor is null
            ? Variants(expression.Path).Select(x => new ValueExpression(x, null))
            : Variants(expression.Path).SelectMany(path => Variants(expression.Factor).Select(factor => ValueExpression.Parse($"{path} * {factor}"))).OfType<ValueExpression>();

    public override string ToString() =>
        string.Join(',', Events.Select(x => $"{x.Key}={x.Value}")) + ";" + string.Join(',', Paths.Select(x => $"{x.Key}={string.Join('|', x.Value)}"));

    private static Dictionary<string, CatalogueAliases> ReadPresets()
    {
        using var resource = typeof(CatalogueAliases).Assembly.GetManifestResourceStream("OrleansSegments.Engine.Features.aliases.json")!;
        using var document = JsonDocument.Parse(resource);
        var errors = new List<CatalogueError>();
        var presets = document.RootElement.EnumerateObject()
            .ToDictionary(x => x.Name, x => AliasParser.ReadNames(new EntryReader(x.Name, x.Value, errors)), StringComparer.OrdinalIgnoreCase);
        return errors.Count == 0 ? presets : throw new InvalidOperationException("aliases.json is invalid:\n" + string.Join('\n', errors));
    }
}

/// <summary>Parses what a catalogue says about reading in general: aliases, currencies and words.</summary>
internal static class AliasParser
{
    private const double RateMax = 1e6;

    public static CatalogueAliases Read(EntryReader root)
    {
        if (root.Child("aliases") is not { } entry)
        {
            return CatalogueAliases.None;
        }

        var aliases = CatalogueAliases.None;
        foreach (var preset in entry.Texts("presets"))
        {
            if (CatalogueAliases.Presets.TryGetValue(preset, out var known))
            {
                aliases = aliases.With(known);
            }
            else
            {
                entry.Refuse("presets", $"\"{preset}\"", "no such preset is known", $"Known are {string.Join(", ", CatalogueAliases.Presets.Keys)}.");
            }
        }

        aliases = aliases.With(ReadNames(entry));
        entry.RefuseUnknown();
        return aliases;
    }

    public static CatalogueAliases ReadNames(EntryReader entry)
    {
        var events = entry.TextTable("events").Where(x => x.Value.Count > 0).Select(x => new KeyValuePair<string, string>(x.Key, x.Value[0])).ToArray();
        var paths = entry.TextTable("paths");
        foreach (var text in paths.SelectMany(x => x.Value.Prepend(x.Key)).Where(x => FieldPath.Parse(x) is null))
        {
            entry.Refuse("paths", $"\"{text}\"", "both sides are paths", "Write for example {\"properties.order_id\": \"properties.transaction_id\"}.");
        }

        return new CatalogueAliases(events, paths);
    }

    public static CurrencyTable ReadCurrencies(EntryReader root)
    {
        if (root.Child("currencies") is not { } entry)
        {
            return CurrencyTable.One;
        }

        var code = entry.Text("base", "it is the currency of all amounts without one").ToUpperInvariant();
        var rates = entry.Table("rates");
        foreach (var text in rates.Select(x => x.Key).Prepend(code).Where(x => x.Length != 3 || !x.All(char.IsAsciiLetter)))
        {
            entry.Refuse("base, rates", $"\"{text}\"", "a currency is an ISO 4217 code", "Write for example \"EUR\".");
        }

        foreach (var rate in rates.Where(x => x.Value is not (> 0 and <= RateMax)))
        {
            entry.Refuse($"rates.{rate.Key}", $"{rate.Value}", $"a rate is above 0 and at most {RateMax}: units of the base per unit", "Correct the rate.");
        }

        entry.RefuseUnknown();
        return new CurrencyTable(code, rates);
    }

    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> ReadLexicon(EntryReader root)
    {
        var words = root.TextTable("lexicon");
        foreach (var (meaning, _) in words.Where(x => !LexiconReader.Meanings.Contains(x.Key)))
        {
            root.Refuse("lexicon", $"\"{meaning}\"", $"words are {string.Join(", ", LexiconReader.Meanings)}", "Choose one of these.");
        }

        return words;
    }
}
