using Orleans;

namespace OrleansSegments.Contracts.Customers;

/// <summary>What one customer did, reduced by the router to what the feature catalogue reads.</summary>
/// <param name="CatalogueHash">The catalogue the facts were read with; another one cannot be applied.</param>
/// <param name="Facts">The engine's encoding of the events' facts.</param>
[GenerateSerializer, Immutable, Alias("record-request")]
public sealed record RecordRequest([property: Id(0)] ulong CatalogueHash, [property: Id(1)] byte[] Facts);
