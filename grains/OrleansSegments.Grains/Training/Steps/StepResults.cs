using Orleans;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Lineage;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>One sketch for each feature.</summary>
/// <param name="PopulationSeen">What the store's totals said on that silo after the reading.</param>
[GenerateSerializer, Immutable, Alias("training-sketch-result")]
public sealed record SketchResult([property: Id(0)] long Rows, [property: Id(1)] long PopulationSeen, [property: Id(2)] SketchValues[] Sketches);

/// <summary>The share's customers of lowest rank: ranks ascending, and their scaled vectors one after another.</summary>
[GenerateSerializer, Immutable, Alias("training-sample-result")]
public sealed record SampleResult([property: Id(0)] long Rows, [property: Id(1)] ulong[] Ranks, [property: Id(2)] float[] Values)
{
    public SampleRows ToRows() => new(Ranks, Values);
}

/// <summary>The share's <see cref="RoundSums"/>.</summary>
[GenerateSerializer, Immutable, Alias("training-round-result")]
public sealed record RoundResult(
    [property: Id(0)] long Rows,
    [property: Id(1)] ulong CentroidsHash,
    [property: Id(2)] double[] Sums,
    [property: Id(3)] long[] Counts,
    [property: Id(4)] long InertiaUnits,
    [property: Id(5)] long SilhouetteUnits,
    [property: Id(6)] long Changed,
    [property: Id(7)] long InvalidRows)
{
    public static RoundResult Of(RoundSums sums) => new(
        sums.Rows, sums.CentroidsHash, sums.Sums, sums.Counts, sums.InertiaUnits, sums.SilhouetteUnits, sums.Changed, sums.InvalidRows);

    public RoundSums ToSums() => new(CentroidsHash, Sums, Counts, InertiaUnits, SilhouetteUnits, Changed, InvalidRows);
}

/// <summary>The share's part of a training's evidence: profile, audit and contingency table, all of them exact.</summary>
[GenerateSerializer, Immutable, Alias("training-evidence-result")]
public sealed record EvidenceResult(
    [property: Id(0)] long Rows,
    [property: Id(1)] double[] ProfileSums,
    [property: Id(2)] long[] ProfileSquareUnits,
    [property: Id(3)] long[] ProfileCounts,
    [property: Id(4)] long[] Audit,
    [property: Id(5)] long[] Table)
{
    public static EvidenceResult Of(ClusterProfile profile, MatrixAudit audit, Contingency table) => new(
        audit.Rows,
        profile.Sums,
        profile.SquareUnits,
        profile.Counts,
        [audit.Rows, audit.Cells, audit.NotFinite, audit.OffGrid, audit.Clamped],
        [.. table.Cells]);

    public ClusterProfile ToProfile() => new(ProfileSums, ProfileSquareUnits, ProfileCounts);

    public MatrixAudit ToAudit() => new(Audit[0], Audit[1], Audit[2], Audit[3], Audit[4]);

    public Contingency ToTable() => new(Table.Length / ProfileCounts.Length, ProfileCounts.Length, Table);
}
