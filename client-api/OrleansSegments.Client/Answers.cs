using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansSegments.Client;

/// <summary>A customer at one moment.</summary>
/// <param name="Clock">By which clock <paramref name="AsOf"/> is meant: system or replayed.</param>
/// <param name="Features">In natural units (days, money, counts), by feature name; those without a value are left out.</param>
/// <param name="Traits">What identify events said; empty for a key that may not see it.</param>
public sealed record Customer(
    string Id,
    Membership Segment,
    DateTimeOffset AsOf,
    string Clock,
    Dictionary<string, double?> Features,
    JsonElement Traits,
    DateTimeOffset FirstEventAt,
    DateTimeOffset LastEventAt,
    long EventCount,
    CustomerAlias[] Aliases);

/// <summary>A customer's membership of a segment.</summary>
public sealed record Membership(string Id, string Name, DateTimeOffset Since, int ModelVersion);

/// <summary>Another id of a customer.</summary>
/// <param name="Status">pending, merged, parting or parted.</param>
public sealed record CustomerAlias(string Id, DateTimeOffset Since, string Status);

/// <summary>Why a customer is in its segment.</summary>
/// <param name="Effective">The segment in which the customer counts.</param>
/// <param name="RunnerUpId">The nearest other segment; null when there is only one.</param>
/// <param name="Margin">1 - distance to the effective segment / distance to the runner-up.</param>
/// <param name="Contributions">Per feature; positive ones speak for the effective segment.</param>
/// <param name="DueAt">When time alone will move the customer; null when not within the horizon.</param>
public sealed record Explanation(
    string Id,
    DateTimeOffset AsOf,
    Membership Effective,
    string NearestId,
    string? RunnerUpId,
    double Margin,
    double HysteresisMargin,
    SegmentDistance[] Distances,
    FeatureContribution[] Contributions,
    Change? LastChange,
    DateTimeOffset? DueAt);

/// <summary>Distance to a segment's centre, in the model's scaled space.</summary>
public sealed record SegmentDistance(string Id, string Name, double Distance);

/// <summary>How much a feature speaks for the effective segment or for the runner-up.</summary>
public sealed record FeatureContribution(string Feature, double? Value, double? Scaled, double? OwnCentre, double? RunnerUpCentre, double? Contribution);

/// <summary>A customer that left one segment for another.</summary>
/// <param name="From">Null when the customer was new, or came back.</param>
/// <param name="To">Null when the id became an alias of another customer.</param>
/// <param name="Cause">event, time, model, consent, erasure or merge.</param>
public sealed record Change(long Sequence, string CustomerId, string? From, string? To, string Cause, int ModelVersion, DateTimeOffset OccurredAt);

/// <summary>All segments at one moment; the sizes add up to the population.</summary>
/// <param name="Sequence">The last change included: changes after it are those that came later.</param>
public sealed record SegmentList(DateTimeOffset AsOf, string Clock, int ModelVersion, long Population, long Sequence, SegmentSummary[] Segments);

/// <summary>A segment of a list.</summary>
/// <param name="Stats">Means over the members, by feature name.</param>
public sealed record SegmentSummary(
    string Id, string Name, long Size, double Share, Dictionary<string, FeatureStatistics> Stats, DistinguishingFeature[] Distinguishing);

/// <summary>A segment with its past.</summary>
/// <param name="EndedByModelVersion">The first model without it; null while it exists.</param>
public sealed record SegmentDetails(
    string Id,
    string Name,
    long Size,
    double Share,
    Dictionary<string, FeatureStatistics> Stats,
    DistinguishingFeature[] Distinguishing,
    DateTimeOffset AsOf,
    int ModelVersion,
    long Population,
    long Sequence,
    int? FirstModelVersion,
    int? EndedByModelVersion,
    SegmentLineage[] Lineage);

/// <summary>A feature over a segment's members, in natural units.</summary>
public sealed record FeatureStatistics(double? Mean);

/// <summary>What sets a segment apart.</summary>
public sealed record DistinguishingFeature(string Feature, double Deviation, string Words);

/// <summary>What happened to a segment from one model to the next.</summary>
public sealed record SegmentLineage(int ModelVersion, string Kind, string[] Partners, double Overlap);

/// <summary>A found customer.</summary>
public sealed record FoundCustomer(string Id, Membership Segment);

internal sealed record HistoryAnswer(string Id, Change[] Transitions);

internal sealed record MembersAnswer(string Id, string[] Members, string? NextCursor);

internal sealed record FoundAnswer(FoundCustomer[] Customers, string? NextCursor);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SegmentsEvent))]
[JsonSerializable(typeof(BatchAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(Customer))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(HistoryAnswer))]
[JsonSerializable(typeof(SegmentList))]
[JsonSerializable(typeof(SegmentDetails))]
[JsonSerializable(typeof(MembersAnswer))]
[JsonSerializable(typeof(FoundAnswer))]
[JsonSerializable(typeof(Change))]
internal sealed partial class ClientJson : JsonSerializerContext;
