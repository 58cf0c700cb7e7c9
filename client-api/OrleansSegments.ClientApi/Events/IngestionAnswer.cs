using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>The answer to events that are durable.</summary>
/// <param name="Accepted">Events whose effect is in the store now, without the duplicates.</param>
/// <param name="Duplicates">Events that were counted before.</param>
/// <param name="Rejected">Events that can never be accepted; sending them again is pointless.</param>
internal sealed record IngestionAnswer(bool Success, int Accepted, int Duplicates, IReadOnlyList<EventRejection> Rejected);
