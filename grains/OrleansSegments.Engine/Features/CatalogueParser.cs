using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>Reads a whole features.json and collects all errors.</summary>
internal static class CatalogueParser
{
    public static CatalogueContent Read(ReadOnlyMemory<byte> json, List<CatalogueError> errors)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException exception)
        {
            errors.Add(new CatalogueError("features.json", "content", $"no JSON ({exception.Message})", "it must be one JSON object", "Correct it at the place named."));
            return new CatalogueContent();
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                errors.Add(new CatalogueError("features.json", "content", document.RootElement.ValueKind.ToString(), "it must be one JSON object", "Start it with {."));
                return new CatalogueContent();
            }

            return ReadRoot(new EntryReader("features.json", document.RootElement, errors));
        }
    }

    private static CatalogueContent ReadRoot(EntryReader root)
    {
        root.Number("version", 1, 1, 1);
        var zoneName = root.Text("timeZone", "", "UTC");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zoneName, out var zone))
        {
            root.Refuse("timeZone", $"\"{zoneName}\"", "it must be a tzdata name known on this machine", "Write for example \"Europe/London\", or \"UTC\".");
            zone = TimeZoneInfo.Utc;
        }

        var home = root.Texts("homeCountries");
        var features = new List<FeatureDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in root.Children("features"))
        {
            var name = entry.Raw("name") is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
            var feature = FeatureParser.Read(name.Length > 0 ? entry.Renamed(name) : entry, home);
            if (name.Length > 0 && !names.Add(name))
            {
                root.Refuse("features", $"\"{name}\" twice", "names are unique", "Rename one of the two.");
            }

            features.Add(feature);
        }

        if (features.Count is 0 or > FeatureCatalogue.FeaturesMax)
        {
            root.Refuse("features", $"{features.Count} entries", $"there must be 1 to {FeatureCatalogue.FeaturesMax}", "Add or remove entries.");
        }

        var content = new CatalogueContent
        {
            Features = features,
            Zone = zone,
            Aliases = AliasParser.Read(root),
            Currencies = AliasParser.ReadCurrencies(root),
            Lexicon = AliasParser.ReadLexicon(root),
        };
        root.RefuseUnknown();
        return content;
    }
}

/// <summary>What a features.json says.</summary>
internal sealed record CatalogueContent
{
    public IReadOnlyList<FeatureDefinition> Features { get; init; } = [];

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    public CatalogueAliases Aliases { get; init; } = CatalogueAliases.None;

    public CurrencyTable Currencies { get; init; } = CurrencyTable.One;

    /// <summary>Words by meaning, beside those that ship.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Lexicon { get; init; } = [];

    /// <summary>What changes the meaning of an event beside the features; empty when nothing does.</summary>
    public override string ToString()
    {
        var words = string.Join(',', Lexicon.Select(x => $"{x.Key}={string.Join('|', x.Value)}"));
        return Aliases == CatalogueAliases.None && Currencies.Base is null && words.Length == 0 ? "" : $"{Aliases}\n{Currencies}\n{words}\n";
    }
}

/// <summary>One error in a feature catalogue: location, value found, rule and cure.</summary>
public sealed record CatalogueError(string Entry, string Property, string Value, string Rule, string Cure)
{
    public override string ToString() => $"{Entry}: {Property} is {Value}; {Rule}. {Cure}";
}
