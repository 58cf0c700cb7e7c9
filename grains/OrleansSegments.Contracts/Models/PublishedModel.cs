using Orleans;

namespace OrleansSegments.Contracts.Models;

/// <summary>A model as it travels to the silos.</summary>
/// <param name="Document">The engine's JSON document of it: scaling, centroids, segment ids.</param>
[GenerateSerializer, Immutable, Alias("published-model")]
public sealed record PublishedModel([property: Id(0)] int Version, [property: Id(1)] byte[] Document, [property: Id(2)] ModelSummary Summary);
