using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.Contracts.Models;

namespace OrleansSegments.ClientApi.Models;

/// <summary>A model with its document: scaling, centroids and segment ids.</summary>
/// <param name="Catalogue">Hash of the feature catalogue that it places customers by.</param>
/// <param name="FeaturesSince">When features began to be collected that began later than the store, by name.</param>
internal sealed record ModelAnswer(
    int Version,
    bool Published,
    string Reason,
    DateTimeOffset TrainedAt,
    DateTimeOffset AsOf,
    long Population,
    int SegmentCount,
    IReadOnlyDictionary<string, double> Measures,
    GateView[] Gates,
    string? Catalogue,
    IReadOnlyDictionary<string, DateTimeOffset>? FeaturesSince,
    JsonElement Document)
{
    public static ModelAnswer Of(PublishedModel model) => new(
        model.Version,
        model.Summary.Published,
        model.Summary.Reason,
        model.Summary.TrainedAt,
        model.Summary.AsOf,
        model.Summary.Population,
        model.Summary.SegmentCount,
        model.Summary.Measures,
        model.Summary.Gates,
        model.Summary.Catalogue,
        model.Summary.FeaturesSince,
        RawJson.ObjectOf(model.Document));
}

/// <summary>All kept models, newest first; refused ones carry the reason.</summary>
internal sealed record ModelsAnswer(ModelSummary[] Models);

/// <summary>The result of a training.</summary>
/// <param name="Summary">Null when there were too few customers to train on; the reason says so.</param>
internal sealed record TrainingAnswer(bool Published, string Reason, ModelSummary? Summary, double ElapsedMilliseconds)
{
    public static TrainingAnswer Of(TrainingReport report) =>
        new(report.Published, report.Reason, report.Summary, report.Elapsed.TotalMilliseconds);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(ModelAnswer))]
[JsonSerializable(typeof(ModelsAnswer))]
[JsonSerializable(typeof(RolloutProgress))]
[JsonSerializable(typeof(TrainingProgress))]
[JsonSerializable(typeof(TrainingDemand))]
[JsonSerializable(typeof(TrainingAnswer))]
internal sealed partial class ModelsJson : JsonSerializerContext;
