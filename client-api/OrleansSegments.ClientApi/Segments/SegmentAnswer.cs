using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Segments;

/// <summary>One segment: its part of the census, and its life over the models.</summary>
/// <param name="Clock">By which clock AsOf is meant: system or replayed.</param>
/// <param name="FirstModelVersion">The model that brought it; null for the segment everyone is in before the first training.</param>
/// <param name="EndedByModelVersion">The model that no longer has it; null while it lives.</param>
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
    /// <summary>One of <paramref name="count"/> and <paramref name="definition"/> is there, or the segment is unknown.</summary>
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
