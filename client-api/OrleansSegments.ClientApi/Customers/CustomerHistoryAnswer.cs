using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.ClientApi.Customers;

/// <summary>A customer's transitions, newest first.</summary>
internal sealed record CustomerHistoryAnswer(string Id, TransitionView[] Transitions);
