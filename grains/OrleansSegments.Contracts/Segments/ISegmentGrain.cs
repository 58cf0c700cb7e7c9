using Orleans;
using Orleans.Concurrency;

namespace OrleansSegments.Contracts.Segments;

/// <summary>One segment: identity, definition, lineage, size over time. Key: the segment's number, which outlives models.</summary>
[Alias("segment")]
public interface ISegmentGrain : IGrainWithIntegerKey
{
    /// <summary>Takes the definition a model gives this segment.</summary>
    [Alias("define")]
    Task Define(SegmentDefinition definition);

    /// <summary>Notes the size after a commit, for the size history.</summary>
    [Alias("observe")]
    ValueTask Observe(long size, DateTimeOffset asOf);

    /// <summary>The definition and lineage; null when no model ever named this segment.</summary>
    [AlwaysInterleave, Alias("describe")]
    ValueTask<SegmentDefinition?> Describe();

    /// <summary>Size over time, oldest first.</summary>
    [AlwaysInterleave, Alias("history")]
    ValueTask<SizeSample[]> History();

    /// <summary>Members ordered by id, after a cursor.</summary>
    [AlwaysInterleave, Alias("members")]
    ValueTask<MembersPage> Members(string? cursor, int limit);
}
