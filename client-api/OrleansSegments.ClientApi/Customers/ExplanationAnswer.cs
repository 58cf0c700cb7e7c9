using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Customers;

namespace OrleansSegments.ClientApi.Customers;

/// <summary>Why a customer is in its segment, as the API writes it; the parts are those of <see cref="CustomerExplanation"/>.</summary>
/// <param name="Clock">By which clock AsOf is meant: system or replayed.</param>
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
