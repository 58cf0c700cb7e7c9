using Orleans;

namespace OrleansSegments.Contracts.Customers;

/// <summary>What one feature says for the effective segment and against the runner-up.</summary>
/// <param name="Value">The customer's value in natural units.</param>
/// <param name="OwnCentre">The effective segment's centre in natural units.</param>
/// <param name="RunnerUpCentre">The runner-up's centre in natural units.</param>
/// <param name="Scaled">The customer's value in scaled units.</param>
/// <param name="Contribution">In scaled units, (customer - runner-up)² - (customer - own)²: positive speaks for the effective segment.</param>
[GenerateSerializer, Immutable, Alias("feature-contribution")]
public sealed record FeatureContribution(
    [property: Id(0)] string Feature,
    [property: Id(1)] double Value,
    [property: Id(2)] double Scaled,
    [property: Id(3)] double OwnCentre,
    [property: Id(4)] double RunnerUpCentre,
    [property: Id(5)] double Contribution);
