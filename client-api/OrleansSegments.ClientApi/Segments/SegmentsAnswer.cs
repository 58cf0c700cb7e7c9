using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Segments;

/// <summary>All segments at one moment; the sizes add up to the population.</summary>
internal sealed record SegmentsAnswer(
    DateTimeOffset AsOf, int ModelVersion, long Population, long Sequence, DateTimeOffset? StatisticsAsOf, SegmentItem[] Segments)
{
    public static SegmentsAnswer Of(SegmentCensus census) => new(
        census.AsOf, census.ModelVersion, census.Population, census.Sequence, census.StatisticsAsOf, [.. census.Segments.Select(SegmentItem.Of)]);
}
