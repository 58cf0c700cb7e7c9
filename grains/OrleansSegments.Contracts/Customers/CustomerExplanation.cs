using Orleans;
using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.Contracts.Customers;

/// <summary>Why a customer is in its segment, per feature.</summary>
/// <param name="Effective">The segment the customer counts in.</param>
/// <param name="NearestId">The segment whose centroid is nearest; differs from the effective one inside the hysteresis margin.</param>
/// <param name="RunnerUpId">The nearest segment other than the effective one; null when there is only one segment.</param>
/// <param name="Margin">1 - distance to the effective centroid / distance to the runner-up's.</param>
/// <param name="HysteresisMargin">How much closer another centroid must be before the customer leaves, as a share.</param>
/// <param name="Contributions">Per feature; they add up to the squared distance to the runner-up less that to the effective centroid.</param>
/// <param name="LastChange">The transition that brought the customer here.</param>
/// <param name="DueAt">When the passing of time alone will move the customer; null if not within the horizon.</param>
[GenerateSerializer, Immutable, Alias("customer-explanation")]
public sealed record CustomerExplanation(
    [property: Id(0)] string Id,
    [property: Id(1)] DateTimeOffset AsOf,
    [property: Id(2)] MembershipView Effective,
    [property: Id(3)] string NearestId,
    [property: Id(4)] string? RunnerUpId,
    [property: Id(5)] double Margin,
    [property: Id(6)] double HysteresisMargin,
    [property: Id(7)] SegmentDistance[] Distances,
    [property: Id(8)] FeatureContribution[] Contributions,
    [property: Id(9)] TransitionView? LastChange,
    [property: Id(10)] DateTimeOffset? DueAt);
