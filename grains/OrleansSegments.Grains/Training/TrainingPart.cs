using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Grains.Training;

/// <summary>One part of the population during a training.</summary>
/// <param name="Rows">Its scaled vectors with the labels of the last round.</param>
/// <param name="PublishedLabels">Per row, the index of the nearest centroid of the published model at the same moment.</param>
internal sealed record TrainingPart(LloydPart Rows, byte[] PublishedLabels)
{
    public FeatureMatrix Matrix => Rows.Matrix;
}
