using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.ClientApi.Segments;

/// <summary>A segment's size over time, oldest first.</summary>
internal sealed record SegmentHistoryAnswer(string Id, SizeSample[] Samples);
