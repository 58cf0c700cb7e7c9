using Orleans;
using Orleans.Concurrency;
using OrleansSegments.Contracts.Changes;

namespace OrleansSegments.Contracts.Customers;

/// <summary>One customer: live features and the current segment. Key: <see cref="CustomerKey"/> of the customer's id.</summary>
[Alias("customer")]
public interface ICustomerGrain : IGrainWithStringKey
{
    /// <summary>Applies the facts of this customer's events from one batch; completes when their effect is durable.</summary>
    [AlwaysInterleave, Alias("record")]
    ValueTask<RecordReceipt> Record(RecordRequest request);

    /// <summary>
    /// Evaluates the customer now, because its deadline has passed or a new model is out; completes when the result is durable.
    /// </summary>
    [AlwaysInterleave, Alias("reconsider")]
    ValueTask<ReconsiderReceipt> Reconsider(ReconsiderReason reason);

    /// <summary>The customer now, under the current model; null when it does not exist.</summary>
    [AlwaysInterleave, Alias("view")]
    ValueTask<CustomerView?> View();

    /// <summary>Why the customer is in its segment; null when it does not exist.</summary>
    [AlwaysInterleave, Alias("explain")]
    ValueTask<CustomerExplanation?> Explain();

    /// <summary>The customer's transitions, newest first.</summary>
    [AlwaysInterleave, Alias("history")]
    ValueTask<TransitionView[]> History(int limit);

    /// <summary>Makes this id an alias of another customer, durably, and returns what the other one has to add. Repeatable.</summary>
    [AlwaysInterleave, Alias("hand-over")]
    ValueTask<HandOverReceipt> HandOver(HandOverRequest request);

    /// <summary>Whose alias this id is; null when it is a customer of its own or unknown.</summary>
    [AlwaysInterleave, Alias("merged-into")]
    ValueTask<MergedInto?> MergedInto();

    /// <summary>Undoes the merge of an alias into this customer. Repeatable.</summary>
    [AlwaysInterleave, Alias("unmerge")]
    ValueTask<UnmergeStatus> Unmerge(string aliasId);

    /// <summary>Makes this alias a customer of its own again; for the owner that has given up its part. Repeatable.</summary>
    [AlwaysInterleave, Alias("take-back")]
    ValueTask<RecordStatus> TakeBack();
}

/// <summary>Finds customers by the beginning of their ids or by a trait. A stateless worker: use key 0.</summary>
[Alias("customer-search")]
public interface ICustomerSearch : IGrainWithIntegerKey
{
    /// <summary>The customers whose ids begin with a text, ordered by the bytes of their ids.</summary>
    /// <param name="cursor">The <see cref="CustomersPage.NextCursor"/> of the page before; null for the first one.</param>
    /// <param name="limit">1 or more.</param>
    [Alias("by-prefix")]
    ValueTask<CustomersPage> ByPrefix(string prefix, string? cursor, int limit);

    /// <summary>The customers with a value of an indexed trait, in the same order; blanks around it and capital letters do not matter. Null for a trait that is not indexed.</summary>
    [Alias("by-trait")]
    ValueTask<CustomersPage?> ByTrait(string trait, string value, string? cursor, int limit);
}

/// <summary>A page of found customers; it may have fewer than asked for although another one follows.</summary>
/// <param name="NextCursor">Pass it to get the next page; null on the last one.</param>
[GenerateSerializer, Immutable, Alias("customers-page")]
public sealed record CustomersPage([property: Id(0)] FoundCustomer[] Customers, [property: Id(1)] string? NextCursor);

/// <summary>A found customer.</summary>
/// <param name="Segment">The segment in which it counts.</param>
[GenerateSerializer, Immutable, Alias("found-customer")]
public sealed record FoundCustomer([property: Id(0)] string Id, [property: Id(1)] MembershipView Segment);

/// <summary>
/// Grain keys of customers. The prefix is needed because AdoNet providers parse keys that look like hexadecimal numbers, so that "7" and
/// "007" would be the same customer.
/// </summary>
public static class CustomerKey
{
    /// <summary>Maximum length of a customer id, in UTF-16 units.</summary>
    public const int CustomerIdLengthMax = 255;

    private const string Prefix = "c:";

    public static string Of(string customerId) => Prefix + customerId;

    public static string CustomerIdOf(string grainKey) => grainKey[Prefix.Length..];

    /// <summary>The customer's id, or the key itself when it is not a customer's key.</summary>
    public static string CustomerIdOrKey(string grainKey) => grainKey.StartsWith(Prefix, StringComparison.Ordinal) ? CustomerIdOf(grainKey) : grainKey;
}

/// <summary>What one customer did, reduced by the router to what the feature catalogue reads.</summary>
/// <param name="CatalogueHash">The catalogue the facts were read with; another one cannot be applied.</param>
/// <param name="Facts">The engine's encoding of the events' facts.</param>
/// <param name="Aliases">Other ids that the events say are this customer; null for none.</param>
[GenerateSerializer, Immutable, Alias("record-request")]
public sealed record RecordRequest(
    [property: Id(0)] ulong CatalogueHash, [property: Id(1)] byte[] Facts, [property: Id(2)] AliasClaim[]? Aliases = null);

/// <summary>An event that named two ids: both are one customer.</summary>
/// <param name="AliasId">The anonymous id, or the previous id of an alias call.</param>
/// <param name="SinceMilliseconds">When the event happened, Unix milliseconds.</param>
[GenerateSerializer, Immutable, Alias("alias-claim")]
public readonly record struct AliasClaim([property: Id(0)] string AliasId, [property: Id(1)] long SinceMilliseconds);

/// <summary>A customer takes over what happened under another id.</summary>
/// <param name="OwnerState">The owner's features just before, so that the merge can be undone.</param>
/// <param name="OwnerAliases">The ids that became the owner; what was promised to one of them goes to the owner.</param>
[GenerateSerializer, Immutable, Alias("hand-over-request")]
public sealed record HandOverRequest([property: Id(0)] string OwnerId, [property: Id(1)] long SinceMilliseconds, [property: Id(2)] byte[] OwnerState, [property: Id(3)] string[] OwnerAliases);

/// <summary>What the owner has to add.</summary>
/// <param name="Status">Durable: the id leads to the owner from now on. Anything else: ask again later.</param>
/// <param name="State">The features of the id; empty when there is nothing to add.</param>
[GenerateSerializer, Immutable, Alias("hand-over-receipt")]
public readonly record struct HandOverReceipt([property: Id(0)] RecordStatus Status, [property: Id(1)] byte[] State);

/// <summary>Whose alias an id is.</summary>
/// <param name="Owners">Ordered by time; a shared device has had several.</param>
/// <param name="State">The features that were handed over.</param>
/// <param name="OwnerBefore">The features of the customer that took them over, just before.</param>
[GenerateSerializer, Immutable, Alias("merged-into-answer")]
public sealed record MergedInto(
    [property: Id(0)] AliasClaim[] Owners, [property: Id(1)] byte[] State, [property: Id(2)] byte[] OwnerBefore);

/// <summary>What became of a wish to undo a merge.</summary>
public enum UnmergeStatus : byte
{
    /// <summary>The two are customers of their own again, durably.</summary>
    Done = 1,

    /// <summary>The id is no alias of this customer.</summary>
    NotFound = 2,

    /// <summary>Begun or not yet begun; it goes on by itself when it was begun. Ask again.</summary>
    Later = 3,
}

/// <summary>The result of recording one customer's facts.</summary>
[GenerateSerializer, Immutable, Alias("record-receipt")]
public readonly record struct RecordReceipt(
    [property: Id(0)] RecordStatus Status, [property: Id(1)] int Applied, [property: Id(2)] int Duplicates);

/// <summary>The outcome of a request; only <see cref="Durable"/> is an acknowledgement.</summary>
public enum RecordStatus : byte
{
    Durable = 1,

    /// <summary>Another activation has changed the customer and this one is stale. Call again.</summary>
    Conflict = 2,

    Overloaded = 3,

    Unavailable = 4,

    /// <summary>The facts were read with a catalogue other than this silo's.</summary>
    CatalogueMismatch = 5,

    /// <summary>The id is another customer's alias; <see cref="ICustomerGrain.MergedInto"/> says whose.</summary>
    MergedAway = 6,
}

/// <summary>Why a customer is evaluated without an event.</summary>
public enum ReconsiderReason : byte
{
    Time = 1,
    Model = 2,
}

/// <summary>The result of an evaluation.</summary>
[GenerateSerializer, Immutable, Alias("reconsider-receipt")]
public readonly record struct ReconsiderReceipt([property: Id(0)] RecordStatus Status, [property: Id(1)] bool Moved);

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
    [property: Id(7)] byte[] TraitsJson,
    [property: Id(8)] AliasView[] Aliases);

/// <summary>Another id of a customer.</summary>
/// <param name="Since">The earliest moment at which an event named both.</param>
/// <param name="Status">pending, merged, parting or parted (the merge was undone).</param>
[GenerateSerializer, Immutable, Alias("alias-view")]
public sealed record AliasView([property: Id(0)] string Id, [property: Id(1)] DateTimeOffset Since, [property: Id(2)] string Status);

/// <summary>A customer's membership of a segment.</summary>
/// <param name="Id">The segment's id in the API's form, for example "s7".</param>
[GenerateSerializer, Immutable, Alias("membership-view")]
public sealed record MembershipView(
    [property: Id(0)] string Id, [property: Id(1)] string Name, [property: Id(2)] DateTimeOffset Since, [property: Id(3)] int ModelVersion);

/// <summary>Why a customer is in its segment, per feature.</summary>
/// <param name="Effective">The segment that the customer counts in.</param>
/// <param name="NearestId">The segment whose centroid is nearest; differs from the effective one inside the hysteresis margin.</param>
/// <param name="RunnerUpId">The nearest segment other than the effective one; null when there is only one segment.</param>
/// <param name="Margin">1 - distance to the effective centroid / distance to the runner-up's.</param>
/// <param name="HysteresisMargin">How much closer another centroid must be before the customer leaves, as a share.</param>
/// <param name="Contributions">Per feature; they add up to the squared distance to the runner-up less that to the effective centroid.</param>
/// <param name="LastChange">The transition that brought the customer here.</param>
/// <param name="DueAt">When time alone will move the customer; null when not within the horizon.</param>
[GenerateSerializer, Immutable, Alias("customer-explanation")]
public sealed record CustomerExplanation(
    [property: Id(0)] string Id,
    [property: Id(1)] DateTimeOffset AsOf,
    [property: Id(2)] MembershipView Effective,
    [property: Id(3)] string NearestId,
    [property: Id(4)] string? RunnerUpId,
    [property: Id(5)] double Margin,
    [property: Id(6)] double HysteresisMargin,
    [property: Id(7)] SegmentDistance[] Distances,
    [property: Id(8)] FeatureContribution[] Contributions,
    [property: Id(9)] TransitionView? LastChange,
    [property: Id(10)] DateTimeOffset? DueAt);

/// <summary>Euclidean distance to a segment's centroid in the model's scaled, weighted space.</summary>
[GenerateSerializer, Immutable, Alias("segment-distance")]
public sealed record SegmentDistance([property: Id(0)] string Id, [property: Id(1)] string Name, [property: Id(2)] double Distance);

/// <summary>How much one feature speaks for the effective segment or for the runner-up.</summary>
/// <param name="Value">The customer's value in natural units.</param>
/// <param name="OwnCentre">The effective segment's centre in natural units.</param>
/// <param name="RunnerUpCentre">The runner-up's centre in natural units.</param>
/// <param name="Scaled">The customer's value in scaled units.</param>
/// <param name="Contribution">In scaled units, (customer - runner-up)² - (customer - own)²; positive favours the effective segment.</param>
[GenerateSerializer, Immutable, Alias("feature-contribution")]
public sealed record FeatureContribution(
    [property: Id(0)] string Feature,
    [property: Id(1)] double Value,
    [property: Id(2)] double Scaled,
    [property: Id(3)] double OwnCentre,
    [property: Id(4)] double RunnerUpCentre,
    [property: Id(5)] double Contribution);
