using System.Text.Json;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.ClientApi.Customers;

/// <summary>A customer at one moment, as the API writes it.</summary>
/// <param name="Clock">By which clock AsOf is meant: system or replayed.</param>
/// <param name="Features">In natural units, by feature name; null where there is no value.</param>
internal sealed record CustomerAnswer(
    string Id,
    MembershipView Segment,
    DateTimeOffset AsOf,
    string Clock,
    IReadOnlyDictionary<string, double> Features,
    JsonElement Traits,
    JsonElement Consent,
    DateTimeOffset FirstEventAt,
    DateTimeOffset LastEventAt,
    long EventCount)
{
    public static CustomerAnswer Of(CustomerView view, string clock) => new(
        view.Id,
        view.Segment,
        view.AsOf,
        clock,
        view.Features,
        RawJson.ObjectOf(view.TraitsJson),
        RawJson.EmptyObject,
        view.FirstEventAt,
        view.LastEventAt,
        view.EventCount);
}
