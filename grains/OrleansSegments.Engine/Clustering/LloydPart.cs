using OrleansSegments.Engine.Models;
using OrleansSegments.Engine.Scaling;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// One part of the population during a training: its matrix, the labels of the last round and running sums. Because sums on the grid are
/// exact, a round only moves the rows whose label changed from one sum to another and still gets the bits of a full pass; in late rounds
/// that is a few per cent of the rows. Use from one thread at a time.
/// </summary>
public sealed class LloydPart
{
    /// <summary>Label of a row with a non-finite value, and of every row before the first round.</summary>
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

    /// <summary>Index of each row's nearest centroid in the last round, or <see cref="NoLabel"/>.</summary>
    public ReadOnlySpan<byte> Labels => _labels;

    /// <summary>Assigns every row to its nearest centroid and returns this part's contribution to the round.</summary>
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

/// <summary>
/// The contribution of one part of the population to one Lloyd round: K x D doubles and a few integers are sent instead of customers. Sums
/// of grid values are exact, inertia and silhouette are 64-bit integers in units of 2^-24, so merging in any order gives the same bits.
/// </summary>
/// <param name="CentroidsHash">Hash of the centroids that the sums refer to.</param>
/// <param name="Sums">K x D, sum of the vectors of each cluster.</param>
/// <param name="Counts">Rows per cluster.</param>
/// <param name="InertiaUnits">Sum of squared distances to the nearest centroid, each rounded to 2^-24.</param>
/// <param name="SilhouetteUnits">Sum of simplified silhouettes, each rounded to 2^-24.</param>
/// <param name="Changed">Rows whose label differs from the previous round.</param>
/// <param name="InvalidRows">Rows with a non-finite value; they are in no cluster.</param>
public sealed record RoundSums(
    ulong CentroidsHash,
    double[] Sums,
    long[] Counts,
    long InertiaUnits,
    long SilhouetteUnits,
    long Changed,
    long InvalidRows)
{
    public int Count => Counts.Length;

    public int Dimensions => Sums.Length / Counts.Length;

    /// <summary>Rows seen, including invalid ones.</summary>
    public long Rows => Counts.Sum() + InvalidRows;

    public double Inertia => InertiaUnits / FeatureGrid.DistanceUnitsPerOne;

    /// <summary>Mean simplified silhouette; 0 for a single cluster or no rows.</summary>
    public double Silhouette => Count > 1 && Rows > InvalidRows
        ? SilhouetteUnits / FeatureGrid.DistanceUnitsPerOne / (Rows - InvalidRows)
        : 0;

    /// <summary>The contribution of zero rows.</summary>
    public static RoundSums Empty(CentroidSet centroids) =>
        new(centroids.Hash, new double[centroids.Values.Length], new long[centroids.Count], 0, 0, 0, 0);

    public static RoundSums MergeAll(IEnumerable<RoundSums> parts) => parts.Aggregate((a, b) => a.Merge(b));

    /// <summary>Adds another part's contribution to the same round.</summary>
    /// <exception cref="ArgumentException">Thrown when the other part used other centroids.</exception>
    public RoundSums Merge(RoundSums other)
    {
        if (other.CentroidsHash != CentroidsHash || other.Sums.Length != Sums.Length || other.Counts.Length != Counts.Length)
        {
            throw new ArgumentException(
                $"The parts refer to different centroids ({CentroidsHash:x16} and {other.CentroidsHash:x16}); repeat the round.");
        }

        var sums = new double[Sums.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = Sums[i] + other.Sums[i];
        }

        var counts = new long[Counts.Length];
        for (int k = 0; k < counts.Length; k++)
        {
            counts[k] = Counts[k] + other.Counts[k];
        }

        return new RoundSums(
            CentroidsHash,
            sums,
            counts,
            checked(InertiaUnits + other.InertiaUnits),
            checked(SilhouetteUnits + other.SilhouetteUnits),
            Changed + other.Changed,
            InvalidRows + other.InvalidRows);
    }

    /// <summary>Mean of each cluster, rounded to float once; an empty cluster keeps its centre from <paramref name="current"/>.</summary>
    public CentroidSet Means(CentroidSet current)
    {
        var values = new float[Sums.Length];
        for (int i = 0; i < values.Length; i++)
        {
            long count = Counts[i / Dimensions];
            values[i] = count == 0 ? current.Values[i] : (float)(Sums[i] / count);
        }

        return new CentroidSet(Count, Dimensions, values);
    }
}
