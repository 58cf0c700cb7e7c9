using OrleansSegments.Contracts.Segments;

namespace OrleansSegments.UnitTests.ClientApi;

/// <summary>A segment with the members m000 to m249, or an unknown one.</summary>
internal sealed class FakeSegment(bool known) : ISegmentGrain
{
    private static readonly string[] MemberIds = [.. Enumerable.Range(0, 250).Select(number => $"m{number:000}")];

    public int LimitAsked { get; private set; }

    public Task Define(SegmentDefinition definition) => throw new NotSupportedException();

    public ValueTask Observe(long size, DateTimeOffset asOf) => throw new NotSupportedException();

    public ValueTask<SegmentDefinition?> Describe() => ValueTask.FromResult(known
        ? new SegmentDefinition(2, "big spenders", 4, 1, null, [], [new LineageView(4, "survived", ["s2"], 0.93)])
        : null);

    public ValueTask<SizeSample[]> History() =>
        ValueTask.FromResult<SizeSample[]>(known ? [new(TestTime.Noon.AddHours(-1), 2), new(TestTime.Noon, 3)] : []);

    public ValueTask<MembersPage> Members(string? cursor, int limit)
    {
        LimitAsked = limit;
        var page = known ? MemberIds.Where(id => string.CompareOrdinal(id, cursor) > 0).Take(limit).ToArray() : [];
        return ValueTask.FromResult(new MembersPage(page, page is [.., var last] && last != MemberIds[^1] ? last : null));
    }
}
