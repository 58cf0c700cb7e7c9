using System.Runtime.InteropServices;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Customers;

/// <summary>
/// The stored record of one customer. Immutable: a change makes a new record, so a reader of the old one never sees half a change. It does
/// not contain the customer's id: every holder of a record already has it, and a million copies would take 64 MB.
/// </summary>
/// <param name="Version">1 for the first write; every write adds 1. A write whose expected version is not the stored one is refused.</param>
/// <param name="SegmentId">The effective segment: the one the totals count this customer in; <see cref="OutsideSegmentId"/> for a record that counts in none.</param>
/// <param name="ModelVersion">The model under which <paramref name="SegmentId"/> was last written.</param>
/// <param name="SegmentSinceMilliseconds">When the customer entered the segment, Unix milliseconds.</param>
/// <param name="SettledSegmentId">The segment that hysteresis measures from: the effective one at the last settled hour; -1 for
/// none.</param>
/// <param name="SettledHour">The hour (Unix hours) at which <paramref name="SettledSegmentId"/> was settled.</param>
/// <param name="State">Features, message ids and traits in the engine's encoding; opaque here.</param>
public sealed record CustomerRecord(
    long Version,
    int SegmentId,
    int ModelVersion,
    long SegmentSinceMilliseconds,
    int SettledSegmentId,
    int SettledHour,
    byte[] State)
{
    /// <summary>The segment of records outside the population, such as that of an id that was merged into another customer: kept, and counted nowhere.</summary>
    public const int OutsideSegmentId = -1;

    /// <summary>True for a customer that exists: counted in a segment and part of all work on the whole population.</summary>
    public bool IsInPopulation => SegmentId != OutsideSegmentId;
}

/// <summary>A stored customer.</summary>
/// <param name="DueAtMilliseconds">The deadline, Unix milliseconds; null for none, or when only the record was read.</param>
public readonly record struct StoredCustomer(string CustomerId, CustomerRecord Record, long? DueAtMilliseconds);

/// <summary>One write of one customer, made durable together with its transition, totals and deadline.</summary>
/// <param name="CustomerId">Up to 255 characters, any Unicode.</param>
/// <param name="PreviousSegmentId">The stored record's segment; null when this write creates the record.</param>
/// <param name="Record">The new record; its <c>Version</c> is the expected stored version plus 1.</param>
/// <param name="DueAtMilliseconds">When time alone would change the segment, Unix milliseconds; null when not within the horizon.</param>
/// <param name="Cause">Why the segment changed; ignored when it did not.</param>
/// <param name="OccurredAtMilliseconds">When the change happened, Unix milliseconds on the process's clock.</param>
public sealed record CustomerChange(
    string CustomerId,
    int? PreviousSegmentId,
    CustomerRecord Record,
    long? DueAtMilliseconds,
    TransitionCause Cause,
    long OccurredAtMilliseconds)
{
    /// <summary>The segment the customer leaves; null when it comes from outside the population.</summary>
    public int? LeftSegmentId => PreviousSegmentId == CustomerRecord.OutsideSegmentId ? null : PreviousSegmentId;

    /// <summary>True when the change moves the customer: into another segment, into the population or out of it.</summary>
    public bool IsTransition => (LeftSegmentId ?? CustomerRecord.OutsideSegmentId) != Record.SegmentId;

    /// <summary>Messages that the record's state no longer remembers, to be found by <see cref="ICustomerStore.FindMessagesAsync"/> once this write is durable.</summary>
    public MessageMark[] Messages { get; init; } = [];

    /// <summary>What the change does to the index of traits, in this order; empty for nearly all changes.</summary>
    public TraitEntry[] Traits { get; init; } = [];
}

/// <summary>A value of a trait by which <see cref="ICustomerStore.FindByTraitAsync"/> finds the customer once a change is durable, or no longer. Compared to the letter.</summary>
/// <param name="Trait">Up to 255 bytes of UTF-8.</param>
/// <param name="Value">Up to <see cref="ValueLengthMax"/> characters, any Unicode.</param>
/// <param name="IsAdded">False to remove the entry; one that is not there stays away.</param>
public readonly record struct TraitEntry(string Trait, string Value, bool IsAdded)
{
    public const int ValueLengthMax = 255;
}

/// <summary>A message id of a customer, remembered so that a repeat is not counted.</summary>
/// <param name="Key">The engine's key of the message; opaque here.</param>
/// <param name="UntilMinutes">The last Unix minute in which it is remembered: within <see cref="LifetimeMinutesMax"/> of the change, or <see cref="Forever"/>.</param>
[StructLayout(LayoutKind.Sequential, Pack = sizeof(uint))]
public readonly record struct MessageMark(ulong Key, uint UntilMinutes)
{
    /// <summary>
    /// One day. Stores keep marks by the day of <see cref="UntilMinutes"/>, so only those of today and tomorrow are valid.
    /// </summary>
    public const uint LifetimeMinutesMax = 24 * 60;

    public const uint Forever = uint.MaxValue;
}

/// <summary>
/// A new deadline for a customer whose record does not change: a new model changes deadlines also of customers that stay in their segment.
/// </summary>
/// <param name="Version">Version of the record that the deadline was computed from; a customer with a newer record keeps its own
/// deadline.</param>
public readonly record struct DeadlineUpdate(string CustomerId, long Version, long? DueAtMilliseconds);

/// <summary>A customer whose deadline has passed.</summary>
public readonly record struct DueCustomer(string CustomerId, long Version, long DueAtMilliseconds);
