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
}

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

/// <summary>What one customer did, reduced by the router to the facts that the feature catalogue needs.</summary>
/// <param name="CatalogueHash">Hash of the catalogue that the facts were read with; they can only be applied with the same one.</param>
/// <param name="Facts">The events' facts in the engine's encoding.</param>
[GenerateSerializer, Immutable, Alias("record-request")]
public sealed record RecordRequest([property: Id(0)] ulong CatalogueHash, [property: Id(1)] byte[] Facts);

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
    [property: Id(7)] byte[] TraitsJson);

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
