using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// One part of the population during a training: its matrix, the labels of the last round and the running sums. Because sums on the
/// grid are exact, a round moves only the rows whose label changed from one sum to another and still has the bits of
/// a full pass; late rounds move a few per cent. One thread at a time.
/// </summary>
public sealed class LloydPart
{
    /// <summary>Label of a row that has a value which is not finite, and of every row before the first round.</summary>
    public const byte NoLabel = byte.MaxValue;

    private readonly byte[] _labels;
    private double[] _sums = [];
    private long[] _counts = [];

    public LloydPart(FeatureMatrix matrix)
    {
        Matrix = matrix;
        _labels = new byte[matrix.Rows];
    }

    public FeatureMatrix Matrix { get; }

    /// <summary>Index of the nearest centroid per row as of the last round, or <see cref="NoLabel"/>.</summary>
    public ReadOnlySpan<byte> Labels => _labels;

    /// <summary>Labels every row under the centroids and returns this part's contribution to the round.</summary>
    public RoundSums Accumulate(CentroidSet centroids)
    {
        if (_counts.Length != centroids.Count)
        {
            _counts = new long[centroids.Count];
            _sums = new double[centroids.Values.Length];
            Array.Fill(_labels, NoLabel);
        }

        return LloydRound.Accumulate(Matrix, centroids, _labels, _sums, _counts);
    }
}
