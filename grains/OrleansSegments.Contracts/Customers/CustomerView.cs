using Orleans;

namespace OrleansSegments.Contracts.Customers;

/// <summary>A customer at one moment.</summary>
/// <param name="Features">In natural units (days, currency, counts), by feature name.</param>
/// <param name="TraitsJson">UTF-8 JSON object.</param>
[GenerateSerializer, Immutable, Alias("customer-view")]
public sealed record CustomerView(
    [property: Id(0)] string Id,
    [property: Id(1)] MembershipView Segment,
    [property: Id(2)] DateTimeOffset AsOf,
    [property: Id(3)] DateTimeOffset FirstEventAt,
    [property: Id(4)] DateTimeOffset LastEventAt,
    [property: Id(5)] long EventCount,
    [property: Id(6)] Dictionary<string, double> Features,
    [property: Id(7)] byte[] TraitsJson);
