using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Training;

/// <summary>
/// Makes a model usable under another catalogue until one is trained: features that have the same value under both keep their column, all
/// others get weight 0. Segments keep their ids and names.
/// </summary>
public static class ModelCarryOver
{
    public static SegmentModel CarryOver(SegmentModel model, FeatureCatalogue from, FeatureCatalogue to, int version)
    {
        Dictionary<string, int> columns = [];
        foreach (var (index, feature) in from.Features.Index())
        {
            columns.TryAdd(FeatureCatalogue.MeaningOf(feature), index);
        }

        int[] sources = [.. to.Features.Select(x => columns.GetValueOrDefault(FeatureCatalogue.MeaningOf(x), -1))];
        FeatureScaling scaling = model.Scaling;
        double[] Pick(double[] values, double otherwise) => [.. sources.Select(d => d < 0 ? otherwise : values[d])];
        return (model with
        {
            Version = version,
            CatalogueHash = to.Hash,
            FeatureNames = [.. to.Features.Select(x => x.Name)],
            Scaling = new FeatureScaling(
                Pick(scaling.Center, 0), Pick(scaling.Scale, 0), Pick(scaling.Clip, FeatureScaling.ClipDefault), Pick(scaling.Weight, 0)),
            Centroids = new CentroidSet(
                model.SegmentCount,
                sources.Length,
                [.. Enumerable.Range(0, model.SegmentCount).SelectMany(k => sources.Select(d => d < 0 ? 0 : model.Centroids[k][d]))]),
            IsCarriedOver = true,
        }).Checked();
    }
}
