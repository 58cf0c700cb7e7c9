using System.Globalization;
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

/// <summary>How the API writes segment ids: "s7" for 7.</summary>
public static class SegmentKey
{
    /// <summary>The segment everyone is in before the first training.</summary>
    public const int EveryoneId = 0;

    public static string Of(int segmentId) => string.Create(CultureInfo.InvariantCulture, $"s{segmentId}");

    public static bool TryParse(string text, out int segmentId)
    {
        segmentId = 0;
        return text.StartsWith('s') && int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out segmentId);
    }
}

/// <summary>What a model says of a segment.</summary>
/// <param name="ModelVersion">The last model that has this segment.</param>
/// <param name="FirstModelVersion">The model that brought it.</param>
/// <param name="EndedByModelVersion">The model that no longer has it; null while it lives.</param>
/// <param name="Lineage">survived, split, absorbed, emerged, vanished, with the partner segments.</param>
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
/// <param name="Deviation">Centre of the segment less the population's mean, in scaled units.</param>
/// <param name="Words">What a marketer would say, for example "big spenders".</param>
[GenerateSerializer, Immutable, Alias("distinguishing-feature")]
public sealed record DistinguishingFeature(
    [property: Id(0)] string Feature, [property: Id(1)] double Deviation, [property: Id(2)] string Words);

/// <summary>What became of a segment from one model to the next.</summary>
[GenerateSerializer, Immutable, Alias("lineage-view")]
public sealed record LineageView(
    [property: Id(0)] int ModelVersion, [property: Id(1)] string Kind, [property: Id(2)] string[] Partners, [property: Id(3)] double Overlap);

/// <summary>How many customers a segment had at a moment.</summary>
[GenerateSerializer, Immutable, Alias("size-sample")]
public readonly record struct SizeSample([property: Id(0)] DateTimeOffset At, [property: Id(1)] long Size);

/// <summary>Some members of a segment, ordered by id. Who joins or leaves meanwhile never makes another member appear twice or be left out.</summary>
/// <param name="NextCursor">Hand in to go on; null at the end.</param>
[GenerateSerializer, Immutable, Alias("members-page")]
public sealed record MembersPage([property: Id(0)] string[] CustomerIds, [property: Id(1)] string? NextCursor);

/// <summary>Counts all segments at one moment. Any key reaches a local worker; use 0.</summary>
[Alias("segment-census")]
public interface ISegmentCensus : IGrainWithIntegerKey
{
    /// <summary>Sizes of one and the same commit: they add up to the population.</summary>
    /// <param name="withStatistics">Also the means per feature, which may be some seconds old; their own moment says so.</param>
    [AlwaysInterleave, Alias("take")]
    ValueTask<SegmentCensus> Take(bool withStatistics);
}

/// <summary>All segments at one moment.</summary>
/// <param name="Sequence">The last transition that is counted in.</param>
/// <param name="StatisticsAsOf">The moment the means speak of; null when none were asked for.</param>
[GenerateSerializer, Immutable, Alias("segment-census-answer")]
public sealed record SegmentCensus(
    [property: Id(0)] DateTimeOffset AsOf,
    [property: Id(1)] int ModelVersion,
    [property: Id(2)] long Population,
    [property: Id(3)] long Sequence,
    [property: Id(4)] DateTimeOffset? StatisticsAsOf,
    [property: Id(5)] SegmentCount[] Segments);

/// <summary>One segment in a census.</summary>
/// <param name="FeatureMeans">Mean over the members in natural units, by feature name; null when not asked for.</param>
[GenerateSerializer, Immutable, Alias("segment-count")]
public sealed record SegmentCount(
    [property: Id(0)] string Id,
    [property: Id(1)] string Name,
    [property: Id(2)] long Size,
    [property: Id(3)] double Share,
    [property: Id(4)] DistinguishingFeature[] DistinguishingFeatures,
    [property: Id(5)] Dictionary<string, double>? FeatureMeans);
