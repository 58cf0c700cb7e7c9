using System.Globalization;
using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Segments;

/// <summary>One segment: identity, definition, lineage, size history. Key: the segment's number, which outlives models.</summary>
[Alias("segment")]
public interface ISegmentGrain : IGrainWithIntegerKey
{
    /// <summary>Stores the definition that a model gives this segment.</summary>
    [Alias("define")]
    Task Define(SegmentDefinition definition);

    /// <summary>Records the size after a commit, for the size history.</summary>
    [Alias("observe")]
    ValueTask Observe(long size, DateTimeOffset asOf);

    /// <summary>The definition and lineage; null when no model ever had this segment.</summary>
    [AlwaysInterleave, Alias("describe")]
    ValueTask<SegmentDefinition?> Describe();

    /// <summary>Size over time, oldest first.</summary>
    [AlwaysInterleave, Alias("history")]
    ValueTask<SizeSample[]> History();

    /// <summary>Members ordered by id, after a cursor.</summary>
    [AlwaysInterleave, Alias("members")]
    ValueTask<MembersPage> Members(string? cursor, int limit);
}

/// <summary>Converts segment ids to and from the API's form: "s7" for 7.</summary>
public static class SegmentKey
{
    /// <summary>The segment that holds everybody before the first training.</summary>
    public const int EveryoneId = 0;

    public static string Of(int segmentId) => string.Create(CultureInfo.InvariantCulture, $"s{segmentId}");

    public static bool TryParse(string text, out int segmentId)
    {
        segmentId = 0;
        return text.StartsWith('s') && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out segmentId);
    }
}

/// <summary>A segment as a model defines it.</summary>
/// <param name="ModelVersion">The last model that has this segment.</param>
/// <param name="FirstModelVersion">The first model that has it.</param>
/// <param name="EndedByModelVersion">The first model without it; null while it exists.</param>
/// <param name="Lineage">survived, split, absorbed, emerged or vanished, with the partner segments.</param>
[GenerateSerializer, Immutable, Alias("segment-definition")]
public sealed record SegmentDefinition(
    [property: Id(0)] int SegmentId,
    [property: Id(1)] string Name,
    [property: Id(2)] int ModelVersion,
    [property: Id(3)] int FirstModelVersion,
    [property: Id(4)] int? EndedByModelVersion,
    [property: Id(5)] DistinguishingFeature[] DistinguishingFeatures,
    [property: Id(6)] LineageView[] Lineage);

/// <summary>A feature that sets a segment apart.</summary>
/// <param name="Deviation">The segment's centre minus the population's mean, in scaled units.</param>
/// <param name="Words">A marketing phrase, for example "big spenders".</param>
[GenerateSerializer, Immutable, Alias("distinguishing-feature")]
public sealed record DistinguishingFeature(
    [property: Id(0)] string Feature, [property: Id(1)] double Deviation, [property: Id(2)] string Words);

/// <summary>What happened to a segment from one model to the next.</summary>
[GenerateSerializer, Immutable, Alias("lineage-view")]
public sealed record LineageView(
    [property: Id(0)] int ModelVersion, [property: Id(1)] string Kind, [property: Id(2)] string[] Partners, [property: Id(3)] double Overlap);

/// <summary>How many customers a segment had at a moment.</summary>
[GenerateSerializer, Immutable, Alias("size-sample")]
public readonly record struct SizeSample([property: Id(0)] DateTimeOffset At, [property: Id(1)] long Size);

/// <summary>
/// A page of a segment's members, ordered by id. Customers that join or leave between pages never cause another member to be repeated or
/// skipped.
/// </summary>
/// <param name="NextCursor">Pass it to get the next page; null on the last one.</param>
[GenerateSerializer, Immutable, Alias("members-page")]
public sealed record MembersPage([property: Id(0)] string[] CustomerIds, [property: Id(1)] string? NextCursor);

/// <summary>Counts all segments at one moment. A stateless worker: use key 0.</summary>
[Alias("segment-census")]
public interface ISegmentCensus : IGrainWithIntegerKey
{
    /// <summary>Sizes as of a single commit; they add up to the population.</summary>
    /// <param name="withStatistics">Adds the means per feature, which may be a few seconds old and carry their own timestamp.</param>
    [AlwaysInterleave, Alias("take")]
    ValueTask<SegmentCensus> Take(bool withStatistics);
}

/// <summary>All segments at one moment.</summary>
/// <param name="Sequence">Sequence number of the last transition included.</param>
/// <param name="StatisticsAsOf">The timestamp of the means; null when none were requested.</param>
[GenerateSerializer, Immutable, Alias("segment-census-answer")]
public sealed record SegmentCensus(
    [property: Id(0)] DateTimeOffset AsOf,
    [property: Id(1)] int ModelVersion,
    [property: Id(2)] long Population,
    [property: Id(3)] long Sequence,
    [property: Id(4)] DateTimeOffset? StatisticsAsOf,
    [property: Id(5)] SegmentCount[] Segments);

/// <summary>One segment in a census.</summary>
/// <param name="FeatureMeans">Mean over the members in natural units, by feature name; null when not requested.</param>
[GenerateSerializer, Immutable, Alias("segment-count")]
public sealed record SegmentCount(
    [property: Id(0)] string Id,
    [property: Id(1)] string Name,
    [property: Id(2)] long Size,
    [property: Id(3)] double Share,
    [property: Id(4)] DistinguishingFeature[] DistinguishingFeatures,
    [property: Id(5)] Dictionary<string, double>? FeatureMeans);

/// <summary>Shows the customers of a sample on a plane. A single grain, so that all silos share one pass over the population; key 0.</summary>
[Alias("segment-map")]
public interface ISegmentMap : IGrainWithIntegerKey
{
    /// <summary>
    /// The map, at most 5 s old when it is taken. The plane stays while the model stays, so that points move on a map that does not.
    /// </summary>
    /// <param name="customers">The number of points if there are as many customers, 10 to 5,000. The customers are chosen by a hash of their ids: the same from call to call.</param>
    [AlwaysInterleave, Alias("take"), ResponseTimeout("00:05:00")]
    Task<SegmentMap> Take(int customers);
}

/// <summary>Customers and centroids on the plane in which the model's scaled space shows most of the differences between customers.</summary>
/// <param name="ModelVersion">The model of the plane and the centroids.</param>
/// <param name="Reason">Why the map is empty; null when it is not.</param>
/// <param name="Axes">The axis of x and that of y.</param>
/// <param name="Centroids">One for each segment of the model.</param>
/// <param name="Points">The customers, in an order of which every beginning is a smaller sample.</param>
[GenerateSerializer, Immutable, Alias("segment-map-answer")]
public sealed record SegmentMap(
    [property: Id(0)] DateTimeOffset AsOf,
    [property: Id(1)] int ModelVersion,
    [property: Id(2)] string? Reason,
    [property: Id(3)] MapAxis[] Axes,
    [property: Id(4)] MapCentroid[] Centroids,
    [property: Id(5)] MapPoint[] Points);

/// <summary>An axis of the map.</summary>
/// <param name="VarianceShare">The share of all differences between customers that it shows, 0 to 1.</param>
/// <param name="Features">The features that it contains most of, strongest first.</param>
[GenerateSerializer, Immutable, Alias("map-axis")]
public sealed record MapAxis([property: Id(0)] double VarianceShare, [property: Id(1)] AxisFeature[] Features);

/// <summary>A feature of an axis.</summary>
/// <param name="Loading">-1 to 1: positive when the feature increases along the axis.</param>
[GenerateSerializer, Immutable, Alias("axis-feature")]
public sealed record AxisFeature([property: Id(0)] string Feature, [property: Id(1)] double Loading);

/// <summary>A segment's centroid on the map.</summary>
[GenerateSerializer, Immutable, Alias("map-centroid")]
public sealed record MapCentroid(
    [property: Id(0)] string SegmentId, [property: Id(1)] string Name, [property: Id(2)] float X, [property: Id(3)] float Y);

/// <summary>A customer on the map.</summary>
/// <param name="SegmentId">The segment that it counts in; during a roll-out perhaps one of the model before.</param>
[GenerateSerializer, Immutable, Alias("map-point")]
public readonly record struct MapPoint(
    [property: Id(0)] string CustomerId, [property: Id(1)] string SegmentId, [property: Id(2)] float X, [property: Id(3)] float Y);
