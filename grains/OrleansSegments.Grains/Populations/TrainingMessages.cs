using Orleans;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Engine.Training;

namespace OrleansSegments.Grains.Populations;

/// <summary>One range of a training, with all that is needed to take it over at any step.</summary>
/// <param name="Session">Id of the training.</param>
/// <param name="AsOfMilliseconds">The as-of instant at which every customer is evaluated.</param>
/// <param name="Published">The published model, with which the result is compared.</param>
/// <param name="Seed">Seed of the sample.</param>
[GenerateSerializer, Immutable, Alias("training-share")]
public sealed record TrainingShare(
    [property: Id(0)] Guid Session,
    [property: Id(1)] IdRange Range,
    [property: Id(2)] long AsOfMilliseconds,
    [property: Id(3)] PublishedModel Published,
    [property: Id(4)] ulong Seed);

/// <summary>A feature scaling as a message, bit-exact.</summary>
[GenerateSerializer, Immutable, Alias("scaling-values")]
public sealed record ScalingValues(
    [property: Id(0)] double[] Center, [property: Id(1)] double[] Scale, [property: Id(2)] double[] Clip, [property: Id(3)] double[] Weight)
{
    public static ScalingValues Of(FeatureScaling scaling) => new(scaling.Center, scaling.Scale, scaling.Clip, scaling.Weight);

    public FeatureScaling ToScaling() => new(Center, Scale, Clip, Weight);
}

/// <summary>Centroids as a message, bit-exact.</summary>
[GenerateSerializer, Immutable, Alias("centroid-values")]
public sealed record CentroidValues([property: Id(0)] int Count, [property: Id(1)] int Dimensions, [property: Id(2)] float[] Values)
{
    public static CentroidValues Of(CentroidSet centroids) => new(centroids.Count, centroids.Dimensions, centroids.Values);

    public CentroidSet ToCentroids() => new(Count, Dimensions, Values);
}

/// <summary>A quantile sketch as a message: the occupied buckets and their counts.</summary>
[GenerateSerializer, Immutable, Alias("sketch-values")]
public sealed record SketchValues(
    [property: Id(0)] int[] Keys,
    [property: Id(1)] long[] Counts,
    [property: Id(2)] long UnknownCount,
    [property: Id(3)] double Min,
    [property: Id(4)] double Max)
{
    public static SketchValues Of(QuantileSketch sketch)
    {
        QuantileSketchCounts counts = sketch.Snapshot();
        return new SketchValues(counts.Keys, counts.Counts, counts.UnknownCount, counts.Min, counts.Max);
    }

    public QuantileSketchCounts ToCounts() => new(Keys, Counts, UnknownCount, Min, Max);
}

/// <summary>One sketch per feature.</summary>
/// <param name="PopulationSeen">The population in the silo's copy of the totals after the range was read.</param>
[GenerateSerializer, Immutable, Alias("training-sketch-result")]
public sealed record SketchResult([property: Id(0)] long Rows, [property: Id(1)] long PopulationSeen, [property: Id(2)] SketchValues[] Sketches);

/// <summary>The customers of lowest rank in the range: ranks ascending, and their scaled vectors concatenated.</summary>
[GenerateSerializer, Immutable, Alias("training-sample-result")]
public sealed record SampleResult([property: Id(0)] long Rows, [property: Id(1)] ulong[] Ranks, [property: Id(2)] float[] Values)
{
    public SampleRows ToRows() => new(Ranks, Values);
}

/// <summary>The <see cref="RoundSums"/> of the range.</summary>
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

/// <summary>The range's part of a training's evidence: profile, audit and contingency table, all exact.</summary>
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
