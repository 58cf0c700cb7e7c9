using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Segments;

/// <summary>
/// Owns one segment's identity: name, definition, lineage, size history. Key: the segment's number, stable across models. Members and the
/// exact size are in the store, changed in the same transaction as the customers; so a crash loses only the newest size sample.
/// </summary>
public sealed class SegmentGrain(
    [PersistentState("segment", "control")] IPersistentState<SegmentGrainState> state,
    ICustomerStore store) : Grain, ISegmentGrain
{
    /// <summary>Maximum number of members per page.</summary>
    public const int MembersPageMax = 10_000;

    /// <summary>Sizes kept, two weeks at one a bucket; beyond it every second one of the older half goes.</summary>
    private const int SizeHistoryMax = 2_000;

    /// <summary>Distance between kept sizes, one write a segment; the newest one is kept up to the commit.</summary>
    private static readonly TimeSpan SizeHistoryBucket = TimeSpan.FromMinutes(10);

    public async Task Define(SegmentDefinition definition)
    {
        SegmentDefinition? known = state.State.Definition;
        state.State.Definition = known is null
            ? definition
            : definition with { FirstModelVersion = known.FirstModelVersion, Lineage = [.. known.Lineage, .. definition.Lineage] };
        await state.WriteStateAsync();
    }

    public async ValueTask Observe(long size, DateTimeOffset asOf)
    {
        List<SizeSample> sizes = state.State.Sizes;
        bool sameBucket = sizes.Count > 1 && asOf - sizes[^2].At < SizeHistoryBucket;
        if (sameBucket)
        {
            sizes[^1] = new SizeSample(asOf, size);
            return;
        }

        sizes.Add(new SizeSample(asOf, size));
        if (sizes.Count > SizeHistoryMax)
        {
            ThinOlderHalf(sizes);
        }

        await state.WriteStateAsync();
    }

    public ValueTask<SegmentDefinition?> Describe() => new(state.State.Definition);

    public ValueTask<SizeSample[]> History() => new([.. state.State.Sizes]);

    public async ValueTask<MembersPage> Members(string? cursor, int limit)
    {
        int rows = Math.Clamp(limit, 1, MembersPageMax);
        var segmentId = (int)this.GetPrimaryKeyLong();
        IReadOnlyList<string> ids = await store.ReadMembersAsync(segmentId, cursor, rows, CancellationToken.None);
        return new MembersPage([.. ids], ids.Count == rows ? ids[^1] : null);
    }

    /// <summary>Drops every second sample of the older half: for old sizes the shape of the curve matters, not the minute.</summary>
    private static void ThinOlderHalf(List<SizeSample> sizes)
    {
        int half = sizes.Count / 2;
        List<SizeSample> thinned = [.. sizes.Take(half).Where((_, i) => i % 2 == 0), .. sizes.Skip(half)];
        sizes.Clear();
        sizes.AddRange(thinned);
    }
}

/// <summary>Persistent state of a segment grain.</summary>
public sealed class SegmentGrainState
{
    /// <summary>Null until a model defines the segment.</summary>
    public SegmentDefinition? Definition { get; set; }

    /// <summary>Oldest first, at most one per bucket.</summary>
    public List<SizeSample> Sizes { get; set; } = [];
}
