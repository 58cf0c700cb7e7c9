using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Naming;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Training;

/// <summary>
/// The merged measurements of the whole population under the centroids of a finished training, with names and timestamps for the model.
/// </summary>
public sealed record TrainingEvidence
{
    public required IReadOnlyList<string> FeatureNames { get; init; }

    public required ulong CatalogueHash { get; init; }

    public required FeatureScaling Scaling { get; init; }

    public required IReadOnlyList<FeaturePhrases> Phrases { get; init; }

    /// <summary>Under the labels of the new centroids.</summary>
    public required ClusterProfile Profile { get; init; }

    /// <summary>The previous model x the new centroids, over the same customers at the same instant.</summary>
    public required Contingency Table { get; init; }

    public required MatrixAudit Audit { get; init; }

    /// <summary>Number of customers according to the store.</summary>
    public required long PopulationExpected { get; init; }

    public required DateTimeOffset TrainedAt { get; init; }

    /// <summary>The instant at which the population was evaluated.</summary>
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>
/// Checks a matrix before a model is trained on it: counts values that are not finite, off the grid, or clamped. Counts of parts add up.
/// </summary>
public sealed record MatrixAudit(long Rows, long Cells, long NotFinite, long OffGrid, long Clamped)
{
    /// <summary>Share of the cells that are clamped.</summary>
    public double ClampedShare => Cells == 0 ? 0 : (double)Clamped / Cells;

    public static MatrixAudit Of(FeatureMatrix part, FeatureScaling scaling)
    {
        long notFinite = 0;
        long offGrid = 0;
        long clamped = 0;
        for (int block = 0; block < part.Blocks; block++)
        {
            for (int d = 0; d < part.Columns; d++)
            {
                float edge = scaling.Scale[d] > 0 && scaling.Weight[d] > 0
                    ? FeatureGrid.Round(scaling.Clip[d] * scaling.Weight[d])
                    : float.PositiveInfinity;
                foreach (float value in part.Column(block, d))
                {
                    bool finite = float.IsFinite(value);
                    notFinite += finite ? 0 : 1;
                    offGrid += finite && !FeatureGrid.Holds(value) ? 1 : 0;
                    clamped += Math.Abs(value) >= edge && finite ? 1 : 0;
                }
            }
        }

        return new MatrixAudit(part.Rows, (long)part.Rows * part.Columns, notFinite, offGrid, clamped);
    }

    public MatrixAudit Merge(MatrixAudit other) => new(
        Rows + other.Rows, Cells + other.Cells, NotFinite + other.NotFinite, OffGrid + other.OffGrid, Clamped + other.Clamped);
}
