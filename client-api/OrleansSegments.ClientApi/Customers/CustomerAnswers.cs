using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.ClientApi.Customers;

/// <summary>A customer at one moment, as the API writes it.</summary>
/// <param name="Clock">By which clock AsOf is meant: system or replayed.</param>
/// <param name="Features">In natural units, by feature name; null where there is no value.</param>
/// <param name="Aliases">Other ids that lead to this customer.</param>
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
    long EventCount,
    AliasView[] Aliases)
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
        view.EventCount,
        view.Aliases);
}

/// <summary>A merge that was undone.</summary>
/// <param name="Id">The customer that gave up its part.</param>
/// <param name="Alias">The id that is a customer of its own again.</param>
internal sealed record UnmergeAnswer(string Id, string Alias);

/// <summary>A page of found customers, ordered by id.</summary>
/// <param name="NextCursor">Pass as cursor to get the next page; null on the last one.</param>
internal sealed record CustomersAnswer(FoundCustomer[] Customers, string? NextCursor);

/// <summary>A customer's transitions, newest first.</summary>
internal sealed record CustomerHistoryAnswer(string Id, TransitionView[] Transitions);

/// <summary>Why a customer is in its segment, as the API returns it; the parts are those of <see cref="CustomerExplanation"/>.</summary>
/// <param name="Clock">The clock of AsOf: system or replayed.</param>
internal sealed record ExplanationAnswer(
    string Id,
    DateTimeOffset AsOf,
    string Clock,
    MembershipView Effective,
    string NearestId,
    string? RunnerUpId,
    double Margin,
    double HysteresisMargin,
    SegmentDistance[] Distances,
    FeatureContribution[] Contributions,
    TransitionView? LastChange,
    DateTimeOffset? DueAt)
{
    public static ExplanationAnswer Of(CustomerExplanation explanation, string clock) => new(
        explanation.Id,
        explanation.AsOf,
        clock,
        explanation.Effective,
        explanation.NearestId,
        explanation.RunnerUpId,
        explanation.Margin,
        explanation.HysteresisMargin,
        explanation.Distances,
        explanation.Contributions,
        explanation.LastChange,
        explanation.DueAt);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(CustomerAnswer))]
[JsonSerializable(typeof(ExplanationAnswer))]
[JsonSerializable(typeof(CustomerHistoryAnswer))]
[JsonSerializable(typeof(UnmergeAnswer))]
[JsonSerializable(typeof(CustomersAnswer))]
internal sealed partial class CustomersJson : JsonSerializerContext;
