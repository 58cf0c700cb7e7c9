using Orleans;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;
using OrleansSegments.Grains.Populations;

namespace OrleansSegments.Grains.Training.Steps;

/// <summary>A range of a training; enough to take it up at any step.</summary>
/// <param name="Session">The training.</param>
/// <param name="AsOfMilliseconds">The one instant at which every customer is evaluated.</param>
/// <param name="Published">The model that the result is compared with.</param>
/// <param name="Seed">Of the sample.</param>
[GenerateSerializer, Immutable, Alias("training-share")]
public sealed record TrainingShare(
    [property: Id(0)] Guid Session,
    [property: Id(1)] IdRange Range,
    [property: Id(2)] long AsOfMilliseconds,
    [property: Id(3)] PublishedModel Published,
    [property: Id(4)] ulong Seed);

/// <summary>A feature scaling as it travels, with all its bits.</summary>
[GenerateSerializer, Immutable, Alias("scaling-values")]
public sealed record ScalingValues(
    [property: Id(0)] double[] Center, [property: Id(1)] double[] Scale, [property: Id(2)] double[] Clip, [property: Id(3)] double[] Weight)
{
    public static ScalingValues Of(FeatureScaling scaling) => new(scaling.Center, scaling.Scale, scaling.Clip, scaling.Weight);

    public FeatureScaling ToScaling() => new(Center, Scale, Clip, Weight);
}

/// <summary>Centroids as they travel, with all their bits.</summary>
[GenerateSerializer, Immutable, Alias("centroid-values")]
public sealed record CentroidValues([property: Id(0)] int Count, [property: Id(1)] int Dimensions, [property: Id(2)] float[] Values)
{
    public static CentroidValues Of(CentroidSet centroids) => new(centroids.Count, centroids.Dimensions, centroids.Values);

    public CentroidSet ToCentroids() => new(Count, Dimensions, Values);
}

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
