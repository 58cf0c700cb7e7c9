using System.Text.Json;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.Contracts.Models;

namespace OrleansSegments.ClientApi.Models;

/// <summary>A model with its document: scaling, centroids, segment ids.</summary>
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
        RawJson.ObjectOf(model.Document));
}
