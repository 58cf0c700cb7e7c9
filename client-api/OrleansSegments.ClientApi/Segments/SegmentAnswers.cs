using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansSegments.ClientApi.Json;
using OrleansSegments.Contracts.Changes;
using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Segments;

/// <summary>All segments at one moment; the sizes add up to the population.</summary>
/// <param name="Clock">The clock of AsOf: system or replayed.</param>
internal sealed record SegmentsAnswer(
    DateTimeOffset AsOf, string Clock, int ModelVersion, long Population, long Sequence, DateTimeOffset? StatisticsAsOf, SegmentItem[] Segments)
{
    public static SegmentsAnswer Of(SegmentCensus census, string clock) => new(
        census.AsOf, clock, census.ModelVersion, census.Population, census.Sequence, census.StatisticsAsOf, [.. census.Segments.Select(SegmentItem.Of)]);
}

/// <summary>One segment of a census.</summary>
/// <param name="Stats">By feature name; empty when statistics were not requested.</param>
internal sealed record SegmentItem(
    string Id,
    string Name,
    long Size,
    double Share,
    IReadOnlyDictionary<string, FeatureStatistics> Stats,
    DistinguishingFeature[] Distinguishing)
{
    public static SegmentItem Of(SegmentCount count) => new(
        count.Id, count.Name, count.Size, count.Share, StatsOf(count), count.DistinguishingFeatures);

    public static Dictionary<string, FeatureStatistics> StatsOf(SegmentCount count) =>
        count.FeatureMeans?.ToDictionary(mean => mean.Key, mean => new FeatureStatistics(mean.Value)) ?? [];
}

/// <summary>One segment: its part of the census, and its history over the models.</summary>
/// <param name="Clock">The clock of AsOf: system or replayed.</param>
/// <param name="FirstModelVersion">The first model that has it; null for the segment that holds everybody before the first
/// training.</param>
/// <param name="EndedByModelVersion">The first model without it; null while it exists.</param>
internal sealed record SegmentAnswer(
    string Id,
    string Name,
    long Size,
    double Share,
    IReadOnlyDictionary<string, FeatureStatistics> Stats,
    DistinguishingFeature[] Distinguishing,
    DateTimeOffset AsOf,
    string Clock,
    int ModelVersion,
    long Population,
    long Sequence,
    DateTimeOffset? StatisticsAsOf,
    int? FirstModelVersion,
    int? EndedByModelVersion,
    LineageView[] Lineage)
{
    /// <summary>At least one of <paramref name="count"/> and <paramref name="definition"/> must be given.</summary>
    public static SegmentAnswer Of(string id, SegmentCensus census, SegmentCount? count, SegmentDefinition? definition, string clock) => new(
        id,
        count?.Name ?? definition!.Name,
        count?.Size ?? 0,
        count?.Share ?? 0,
        count is null ? new Dictionary<string, FeatureStatistics>() : SegmentItem.StatsOf(count),
        count?.DistinguishingFeatures ?? definition!.DistinguishingFeatures,
        census.AsOf,
        clock,
        census.ModelVersion,
        census.Population,
        census.Sequence,
        census.StatisticsAsOf,
        definition?.FirstModelVersion,
        definition?.EndedByModelVersion,
        definition?.Lineage ?? []);
}

/// <summary>One feature over a segment's members, in natural units.</summary>
internal readonly record struct FeatureStatistics(double Mean);

/// <summary>A page of a segment's members, ordered by id.</summary>
/// <param name="NextCursor">Pass as cursor to get the next page; null on the last one.</param>
internal sealed record MembersAnswer(string Id, string[] Members, string? NextCursor);

/// <summary>A segment's size over time, oldest first.</summary>
internal sealed record SegmentHistoryAnswer(string Id, SizeSample[] Samples);

/// <summary>Customers of a sample and the centroids on a plane; see <see cref="SegmentMap"/>.</summary>
/// <param name="Clock">The clock of AsOf: system or replayed.</param>
/// <param name="Reason">Why the map is empty; null when it is not.</param>
internal sealed record SegmentMapAnswer(
    DateTimeOffset AsOf, string Clock, int ModelVersion, string? Reason, MapAxis[] Axes, MapCentroid[] Centroids, MapPoint[] Points)
{
    public static SegmentMapAnswer Of(SegmentMap map, string clock) => new(
        map.AsOf, clock, map.ModelVersion, map.Reason, map.Axes, map.Centroids, map.Points);
}

/// <summary>How many customers went from which segment to which between two instants.</summary>
/// <param name="Clock">The clock of all times: system or replayed.</param>
/// <param name="Since">From when on everything was counted.</param>
/// <param name="Cut">True when the count ended at its limit.</param>
internal sealed record FlowsAnswer(DateTimeOffset From, DateTimeOffset To, string Clock, DateTimeOffset Since, bool Cut, SegmentFlow[] Flows)
{
    public static FlowsAnswer Of(TransitionFlows flows, string clock) => new(flows.From, flows.To, clock, flows.Since, flows.Cut, flows.Flows);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(FiniteDoubleConverter)])]
[JsonSerializable(typeof(SegmentsAnswer))]
[JsonSerializable(typeof(SegmentAnswer))]
[JsonSerializable(typeof(MembersAnswer))]
[JsonSerializable(typeof(SegmentHistoryAnswer))]
[JsonSerializable(typeof(SegmentMapAnswer))]
[JsonSerializable(typeof(FlowsAnswer))]
internal sealed partial class SegmentsJson : JsonSerializerContext;
