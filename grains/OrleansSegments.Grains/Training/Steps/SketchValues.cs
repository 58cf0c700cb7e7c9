using Orleans;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>A quantile sketch as it travels: the occupied buckets and their counts.</summary>
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
