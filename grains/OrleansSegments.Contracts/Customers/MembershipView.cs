using Orleans;

namespace OrleansSegments.Contracts.Customers;

/// <summary>A customer's membership of a segment.</summary>
/// <param name="Id">The segment's id as the API writes it.</param>
[GenerateSerializer, Immutable, Alias("membership-view")]
public sealed record MembershipView(
    [property: Id(0)] string Id, [property: Id(1)] string Name, [property: Id(2)] DateTimeOffset Since, [property: Id(3)] int ModelVersion);
