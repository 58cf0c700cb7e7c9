using Orleans;

namespace OrleansSegments.Contracts.Models;

/// <summary>A model without its centroids.</summary>
/// <param name="Version">The published version, or for a refused one the version it would have had.</param>
/// <param name="AsOf">The one instant at which every customer's features were evaluated.</param>
/// <param name="Population">Customers it was trained on.</param>
/// <param name="Measures">Inertia, silhouette, stability, rounds and the like, by name.</param>
/// <param name="Gates">The quality gates with their values.</param>
[GenerateSerializer, Immutable, Alias("model-summary")]
public sealed record ModelSummary(
    [property: Id(0)] int Version,
    [property: Id(1)] bool Published,
    [property: Id(2)] string Reason,
    [property: Id(3)] DateTimeOffset TrainedAt,
    [property: Id(4)] DateTimeOffset AsOf,
    [property: Id(5)] long Population,
    [property: Id(6)] int SegmentCount,
    [property: Id(7)] Dictionary<string, double> Measures,
    [property: Id(8)] GateView[] Gates);
