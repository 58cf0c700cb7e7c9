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
    long OccurredAtMilliseconds)
{
    /// <summary>Messages that the record's state no longer remembers, to be found by <see cref="ICustomerStore.FindMessagesAsync"/> once this write is durable.</summary>
    public MessageMark[] Messages { get; init; } = [];
}

/// <summary>A message of a customer that counted, so that a repeat of it does not.</summary>
/// <param name="Key">What the engine tells messages apart by; opaque here.</param>
/// <param name="UntilMinutes">The last Unix minute in which it is remembered: within <see cref="LifetimeMinutesMax"/> of the change, or <see cref="Forever"/>.</param>
public readonly record struct MessageMark(ulong Key, uint UntilMinutes)
{
    /// <summary>A day. Stores keep marks by the day of <see cref="UntilMinutes"/>, so those of today and tomorrow are all that hold.</summary>
    public const uint LifetimeMinutesMax = 24 * 60;

    public const uint Forever = uint.MaxValue;
}
