using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Segments;

/// <summary>All segments at one moment; the sizes add up to the population.</summary>
/// <param name="Clock">By which clock AsOf is meant: system or replayed.</param>
internal sealed record SegmentsAnswer(
    DateTimeOffset AsOf, string Clock, int ModelVersion, long Population, long Sequence, DateTimeOffset? StatisticsAsOf, SegmentItem[] Segments)
{
    public static SegmentsAnswer Of(SegmentCensus census, string clock) => new(
        census.AsOf, clock, census.ModelVersion, census.Population, census.Sequence, census.StatisticsAsOf, [.. census.Segments.Select(SegmentItem.Of)]);
}
