using Orleans;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Lineage;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>The share's part of a training's evidence: profile, audit and contingency table, all of them exact.</summary>
[GenerateSerializer, Immutable, Alias("training-evidence-result")]
public sealed record EvidenceResult(
    long Rows,
    [property: Id(0)] double[] ProfileSums,
    [property: Id(1)] long[] ProfileSquareUnits,
    [property: Id(2)] long[] ProfileCounts,
    [property: Id(3)] long[] Audit,
    [property: Id(4)] long[] Table) : PassResult(Rows)
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
