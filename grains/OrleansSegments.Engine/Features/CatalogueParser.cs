using System.Text.Json;

namespace OrleansSegments.Engine.Features;

/// <summary>Reads a whole features.json and collects all errors.</summary>
internal static class CatalogueParser
{
    public static (IReadOnlyList<FeatureDefinition> Features, TimeZoneInfo Zone) Read(ReadOnlyMemory<byte> json, List<CatalogueError> errors)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException exception)
        {
            errors.Add(new CatalogueError("features.json", "content", $"no JSON ({exception.Message})", "it must be one JSON object", "Correct it at the place named."));
            return ([], TimeZoneInfo.Utc);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                errors.Add(new CatalogueError("features.json", "content", document.RootElement.ValueKind.ToString(), "it must be one JSON object", "Start it with {."));
                return ([], TimeZoneInfo.Utc);
            }

            return ReadRoot(new EntryReader("features.json", document.RootElement, errors));
        }
    }

    private static (IReadOnlyList<FeatureDefinition> Features, TimeZoneInfo Zone) ReadRoot(EntryReader root)
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

        root.RefuseUnknown();
        return (features, zone);
    }
}

/// <summary>One error in a feature catalogue: location, value found, rule and cure.</summary>
public sealed record CatalogueError(string Entry, string Property, string Value, string Rule, string Cure)
{
    public override string ToString() => $"{Entry}: {Property} is {Value}; {Rule}. {Cure}";
}
