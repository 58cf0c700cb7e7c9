using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Customers;

/// <summary>One write of one customer, to be made durable together with its transition, its totals and its deadline.</summary>
/// <param name="CustomerId">Up to 255 characters, any Unicode.</param>
/// <param name="PreviousSegmentId">Where the totals count the customer now; null when this write creates the customer.</param>
/// <param name="Record">The new record; its <c>Version</c> is the expected stored version plus 1.</param>
/// <param name="DueAtMilliseconds">When the passing of time alone would change the segment, Unix milliseconds; null if never within the horizon.</param>
/// <param name="Cause">Why the segment changed; used only when it did.</param>
/// <param name="OccurredAtMilliseconds">The moment the change speaks of, Unix milliseconds on the process's clock.</param>
public sealed record CustomerChange(
    string CustomerId,
    int? PreviousSegmentId,
    CustomerRecord Record,
    long? DueAtMilliseconds,
    TransitionCause Cause,
    long OccurredAtMilliseconds);
