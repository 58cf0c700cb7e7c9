using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>Two segments, s1 and s2, and their census.</summary>
internal sealed class FakeSegments : ISegmentCensus
{
    public ValueTask<SegmentCensus> Take(bool withStatistics) => ValueTask.FromResult(new SegmentCensus(
        TestTime.Noon,
        4,
        10,
        77,
        withStatistics ? TestTime.Noon.AddSeconds(-2) : null,
        [
            new SegmentCount("s1", "window shoppers", 7, 0.7, [], withStatistics ? new() { ["spend"] = 1.5 } : null),
            new SegmentCount("s2", "big spenders", 3, 0.3, [new("spend", 2.5, "big spenders")], withStatistics ? new() { ["spend"] = 99 } : null),
        ]));
}
