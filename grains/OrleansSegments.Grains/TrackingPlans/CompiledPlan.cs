using System.Text.Json;
using Json.Schema;
using OrleansSegments.Contracts.Events;
using OrleansSegments.Engine.Features;

namespace OrleansSegments.Grains.TrackingPlans;

/// <summary>
/// A tracking plan with its schemas compiled. Immutable and thread-safe. The document: violations (flag or refuse), track (a schema of
/// the properties by event name; * stands for all others), and identify, group, page, screen (one schema each, of traits or properties).
/// </summary>
internal sealed class CompiledPlan
{
    /// <summary>Events with a schema of their own.</summary>
    public const int NamesMax = 1_000;

    private const string OtherNames = "*";

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List };
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly JsonElement NoProperties = JsonDocument.Parse("{}").RootElement;

    private readonly Dictionary<string, JsonSchema> _byEventName = new(StringComparer.Ordinal);
    private readonly Dictionary<EventKind, JsonSchema> _byKind = [];
    private readonly EventNames _names;

    /// <exception cref="FormatException">The plan cannot be used; the message says where and why.</exception>
    public CompiledPlan(string json, EventNames names)
    {
        _names = names;
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            Read(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The plan is not valid JSON: {exception.Message}", exception);
        }
    }

    public bool RefusesViolations { get; private set; }

    /// <summary>How an event violates the plan; null when it does not.</summary>
    public string? ViolationOf(CustomerEvent source)
    {
        JsonSchema? schema = source.Kind == EventKind.Track
            ? _byEventName.GetValueOrDefault(_names.Of(source.Name ?? "")) ?? _byEventName.GetValueOrDefault(OtherNames)
            : _byKind.GetValueOrDefault(source.Kind);
        if (schema is null)
        {
            return null;
        }

        try
        {
            using JsonDocument? body = source.Body.IsEmpty ? null : JsonDocument.Parse(source.Body);
            EvaluationResults results = schema.Evaluate(body?.RootElement ?? NoProperties, Options);
            return results.IsValid ? null : FirstErrorOf(results);
        }
        catch (JsonException)
        {
            return null; // The reader refuses it with a better reason.
        }
    }

    private static string FirstErrorOf(EvaluationResults results)
    {
        EvaluationResults? first = (results.Details ?? []).Prepend(results).FirstOrDefault(static part => !part.IsValid && part.Errors is { Count: > 0 });
        return first is null
            ? "no properties are allowed for it"
            : $"{(first.InstanceLocation.ToString() is { Length: > 0 } place ? place : "/")}: {first.Errors!.First().Value}";
    }

    private void Read(JsonElement plan)
    {
        Demand(plan.ValueKind == JsonValueKind.Object, "The plan must be a JSON object.");
        foreach (JsonProperty part in plan.EnumerateObject())
        {
            switch (part.Name)
            {
                case "violations":
                    string? value = part.Value.ValueKind == JsonValueKind.String ? part.Value.GetString() : null;
                    Demand(value is "flag" or "refuse", $"violations is {part.Value.GetRawText()}; it must be \"flag\" or \"refuse\".");
                    RefusesViolations = value == "refuse";
                    break;
                case "track":
                    ReadTrack(part.Value);
                    break;
                case "identify" or "group" or "page" or "screen":
                    _byKind[Enum.Parse<EventKind>(part.Name, ignoreCase: true)] = Compile(part.Name, part.Value);
                    break;
                default:
                    throw new FormatException($"\"{part.Name}\" is no part of a plan; the parts are violations, track, identify, group, page and screen.");
            }
        }
    }

    private void ReadTrack(JsonElement track)
    {
        Demand(track.ValueKind == JsonValueKind.Object, "track must be an object of schemas by event name.");
        foreach (JsonProperty named in track.EnumerateObject())
        {
            string name = named.Name == OtherNames ? OtherNames : _names.Of(named.Name);
            Demand(_byEventName.TryAdd(name, Compile($"track, \"{named.Name}\"", named.Value)), $"track has two schemas for \"{name}\"; spellings of one name are one event.");
            Demand(_byEventName.Count <= NamesMax, $"track has more than {NamesMax} schemas.");
        }
    }

    /// <summary>With a registry of its own, so that two schemas may have the same $id; references to elsewhere are not fetched.</summary>
    private static JsonSchema Compile(string place, JsonElement schema)
    {
        Demand(schema.ValueKind is JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False, $"The schema at {place} must be a JSON Schema: an object, true or false.");
        try
        {
            JsonSchema compiled = JsonSchema.Build(schema.Clone(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
            compiled.Evaluate(NoProperties, Options);
            return compiled;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            throw new FormatException($"The schema at {place} is not usable: {exception.Message}", exception);
        }
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
