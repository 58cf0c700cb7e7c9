using Orleans;

namespace OrleansSegments.Contracts.Segments;

/// <summary>A feature that sets a segment apart.</summary>
/// <param name="Deviation">Centre of the segment less the population's mean, in scaled units.</param>
/// <param name="Words">What a marketer would say, for example "big spenders".</param>
[GenerateSerializer, Immutable, Alias("distinguishing-feature")]
public sealed record DistinguishingFeature(
    [property: Id(0)] string Feature, [property: Id(1)] double Deviation, [property: Id(2)] string Words);
