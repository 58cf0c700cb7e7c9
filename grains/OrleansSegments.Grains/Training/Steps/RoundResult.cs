using Orleans;
using OrleansSegments.Engine.Clustering;
using OrleansSegments.Grains.Passes;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>The share's <see cref="RoundSums"/>.</summary>
[GenerateSerializer, Immutable, Alias("training-round-result")]
public sealed record RoundResult(
    long Rows,
    [property: Id(0)] ulong CentroidsHash,
    [property: Id(1)] double[] Sums,
    [property: Id(2)] long[] Counts,
    [property: Id(3)] long InertiaUnits,
    [property: Id(4)] long SilhouetteUnits,
    [property: Id(5)] long Changed,
    [property: Id(6)] long InvalidRows) : PassResult(Rows)
{
    public static RoundResult Of(RoundSums sums) => new(
        sums.Rows, sums.CentroidsHash, sums.Sums, sums.Counts, sums.InertiaUnits, sums.SilhouetteUnits, sums.Changed, sums.InvalidRows);

    public RoundSums ToSums() => new(CentroidsHash, Sums, Counts, InertiaUnits, SilhouetteUnits, Changed, InvalidRows);
}
