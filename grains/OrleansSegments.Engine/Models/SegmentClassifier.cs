namespace OrleansSegments.Engine.Models;

/// <summary>
/// Places customers under one model. A customer leaves its reference segment only when d_nearest &lt; (1 - margin) x d_reference
/// (Euclidean); without a reference in the model the nearest centroid wins, at ties the lowest index. Vectors must come from the model's
/// own scaling: finite, on the grid. Sweeps and single decisions are bit-identical. Immutable and thread-safe.
/// </summary>
public sealed class SegmentClassifier
{
    /// <summary>The reference of customers that have no segment yet.</summary>
    public const int NoSegment = -1;

    private readonly CentroidSet _centroids;
    private readonly int[] _segmentIds;
    private readonly double _leaveFactor;

    public SegmentClassifier(SegmentModel model)
    {
        model.Checked();
        _centroids = model.Centroids;
        _segmentIds = model.SegmentIds;
        double keep = 1 - model.HysteresisMargin;
        _leaveFactor = keep * keep;
        Lanes = new SegmentLanes(model, _leaveFactor);
    }

    /// <summary>Makes the same decisions for one customer at eight moments at once.</summary>
    public SegmentLanes Lanes { get; }

    /// <summary>The nearest centroid, without hysteresis.</summary>
    public SegmentDecision Nearest(ReadOnlySpan<float> x) => Decide(x, NoSegment);

    /// <summary>The effective segment of a customer whose last effective segment was <paramref name="referenceSegmentId"/>.</summary>
    public SegmentDecision Decide(ReadOnlySpan<float> x, int referenceSegmentId)
    {
        Span<float> squared = stackalloc float[CentroidSet.CountMax];
        _centroids.Distances(x, squared);
        int nearest = 0;
        for (int k = 1; k < _centroids.Count; k++)
        {
            if (squared[k] < squared[nearest])
            {
                nearest = k;
            }
        }

        int reference = Array.IndexOf(_segmentIds, referenceSegmentId);
        int effective = reference >= 0 && !Leaves(squared[nearest], squared[reference]) ? reference : nearest;
        return new SegmentDecision(_segmentIds[effective], _segmentIds[nearest], squared[nearest], squared[effective]);
    }

    /// <summary>
    /// Decides for every row of a part. <paramref name="decided"/> may be the same memory as <paramref name="references"/>. Returns the
    /// number of rows that differ from their reference.
    /// </summary>
    public int DecideAll(FeatureMatrix matrix, ReadOnlySpan<int> references, Span<int> decided) =>
        DecideBlocks(matrix, 0, matrix.Blocks, references, decided);

    /// <summary>Like <see cref="DecideAll"/> for a range of blocks; the spans still cover the whole part.</summary>
    public int DecideBlocks(FeatureMatrix matrix, int firstBlock, int blocks, ReadOnlySpan<int> references, Span<int> decided)
    {
        if (matrix.Columns != _centroids.Dimensions || references.Length != matrix.Rows || decided.Length != matrix.Rows)
        {
            throw new ArgumentException(
                $"Matrix {matrix.Rows} x {matrix.Columns}, {references.Length} references, {decided.Length} places, model of {_centroids.Dimensions} features.");
        }

        int changed = 0;
        for (int block = firstBlock; block < firstBlock + blocks; block++)
        {
            int start = block * FeatureMatrix.BlockRows;
            int rows = matrix.RowsIn(block);
            changed += DecideBlock(matrix, block, references.Slice(start, rows), decided.Slice(start, rows));
        }

        return changed;
    }

    private unsafe int DecideBlock(FeatureMatrix matrix, int block, ReadOnlySpan<int> references, Span<int> decided)
    {
        float* best = stackalloc float[FeatureMatrix.BlockRows];
        float* second = stackalloc float[FeatureMatrix.BlockRows];
        int* label = stackalloc int[FeatureMatrix.BlockRows];
        float* values = matrix.BlockPointer(block);
        NearestKernel.Sweep(values, references.Length, _centroids, best, second, label);

        int changed = 0;
        for (int row = 0; row < references.Length; row++)
        {
            int reference = references[row];
            int nearest = _segmentIds[label[row]];
            if (nearest != reference && Array.IndexOf(_segmentIds, reference) is >= 0 and var index
                && !Leaves(best[row], DistanceOfRow(values + row, index)))
            {
                nearest = reference;
            }

            decided[row] = nearest;
            changed += nearest != reference ? 1 : 0;
        }

        GC.KeepAlive(matrix);
        return changed;
    }

    private bool Leaves(float nearestSquared, float referenceSquared) => nearestSquared < _leaveFactor * referenceSquared;

    private unsafe float DistanceOfRow(float* x, int index)
    {
        float sum = 0;
        foreach (float centroid in _centroids[index])
        {
            float difference = *x - centroid;
            sum += difference * difference;
            x += FeatureMatrix.FeatureStride;
        }

        return sum;
    }
}

/// <summary>A customer's placement under one model.</summary>
/// <param name="SegmentId">The effective segment, after hysteresis.</param>
/// <param name="NearestSegmentId">The segment of the nearest centroid; differs while hysteresis holds a customer back.</param>
/// <param name="NearestSquared">Squared distance to the nearest centroid, scaled space.</param>
/// <param name="EffectiveSquared">Squared distance to the effective segment's centroid.</param>
public readonly record struct SegmentDecision(int SegmentId, int NearestSegmentId, float NearestSquared, float EffectiveSquared)
{
    /// <summary>True when hysteresis keeps the customer in its segment although another centroid is nearer.</summary>
    public bool IsHeldBack => SegmentId != NearestSegmentId;
}
