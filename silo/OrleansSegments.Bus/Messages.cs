namespace OrleansSegments.Bus;

/// <summary>A customer left one segment for another. Published once or more, a customer's in the order of <see cref="Sequence"/>: forget a message whose sequence is not greater than the customer's last.</summary>
/// <param name="From">Null when the customer was new, or came back into the population.</param>
/// <param name="To">Null when the customer left the population.</param>
/// <param name="Cause">event, time, model, consent, erasure or merge.</param>
public sealed record CustomerSegmentChanged(
    long Sequence, string CustomerId, string? From, string? To, string Cause, int ModelVersion, DateTimeOffset OccurredAt);

/// <summary>Two ids were found to be one customer, whose features are now in one place. Follows the <see cref="CustomerSegmentChanged"/> of the same sequence.</summary>
/// <param name="CustomerId">The id that is an alias now.</param>
/// <param name="MergedInto">The customer whose alias it is; null when the merge was undone before it was published.</param>
public sealed record CustomerMerged(long Sequence, string CustomerId, string? MergedInto, DateTimeOffset OccurredAt);

/// <summary>A model was published; its roll-out begins. Published once or more.</summary>
/// <param name="Population">Customers it was trained on.</param>
/// <param name="AsOf">The instant at which their features were evaluated.</param>
public sealed record ModelPublished(int Version, long Population, DateTimeOffset AsOf);

/// <summary>A message with events. Its JSON is read as the ingestion API reads a body, not by the properties of this class.</summary>
public sealed class CustomerEvents;
