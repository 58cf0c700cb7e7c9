using OrleansSegments.Engine.Models;

namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// A uniform sample of customers that does not depend on which silo reads them: the m rows with the smallest hash of (customer, training
/// seed). Merging two sketches keeps the m smallest of both, so any tree of merges gives the same sample. Cost: m x (D floats + 16 bytes).
/// </summary>
public sealed class SampleSketch
{
    public const int SizeDefault = 16_384;

    private readonly PriorityQueue<float[], ulong> _kept = new(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
    private readonly ulong _seed;

    public SampleSketch(int columns, ulong seed, int sizeMax = SizeDefault)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizeMax);
        (Columns, _seed, SizeMax) = (columns, seed, sizeMax);
    }

    public int Columns { get; }

    public int SizeMax { get; }

    public int Count => _kept.Count;

    /// <summary>True when a customer would be kept now; avoids scaling the others.</summary>
    /// <param name="customerHash"><see cref="StableHash.Of"/> of the customer id.</param>
    public bool Wants(ulong customerHash) => WantsRank(RankOf(customerHash));

    /// <summary>
    /// Offers one customer's scaled row, which is copied if kept. Each customer must be offered once in the whole cluster. A row with a
    /// non-finite value is left out; the rounds count it as invalid.
    /// </summary>
    public void Add(ulong customerHash, ReadOnlySpan<float> row)
    {
        if (row.Length != Columns)
        {
            throw new ArgumentException($"The row has {row.Length} values; the sample has {Columns} columns.");
        }

        ulong rank = RankOf(customerHash);
        if (WantsRank(rank) && row.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) < 0)
        {
            Keep(rank, row.ToArray());
        }
    }

    /// <summary>Adds the rows of another silo.</summary>
    public void Merge(SampleRows other)
    {
        for (int i = 0; i < other.Ranks.Length; i++)
        {
            if (WantsRank(other.Ranks[i]))
            {
                Keep(other.Ranks[i], other.Values.AsSpan(i * Columns, Columns).ToArray());
            }
        }
    }

    public void Merge(SampleSketch other) => Merge(other.Snapshot());

    /// <summary>The sample in ascending order of rank, as sent between silos.</summary>
    public SampleRows Snapshot()
    {
        var rows = _kept.UnorderedItems.ToArray();
        Array.Sort(rows, (a, b) => a.Priority.CompareTo(b.Priority));
        return new SampleRows([.. rows.Select(r => r.Priority)], [.. rows.SelectMany(r => r.Element)]);
    }

    /// <summary>The sample as a matrix, rows in ascending order of rank: the same on every silo.</summary>
    public FeatureMatrix ToMatrix()
    {
        SampleRows rows = Snapshot();
        var matrix = new FeatureMatrix(Columns, rows.Ranks.Length);
        for (int i = 0; i < rows.Ranks.Length; i++)
        {
            matrix.SetRow(i, rows.Values.AsSpan(i * Columns, Columns));
        }

        return matrix;
    }

    private ulong RankOf(ulong customerHash) => StableHash.Mix(customerHash ^ StableHash.Mix(_seed));

    private bool WantsRank(ulong rank) => Count < SizeMax || (_kept.TryPeek(out _, out ulong largest) && rank < largest);

    private void Keep(ulong rank, float[] row)
    {
        if (Count < SizeMax)
        {
            _kept.Enqueue(row, rank);
        }
        else
        {
            _kept.DequeueEnqueue(row, rank);
        }
    }
}

/// <summary>A sample as a message: ranks ascending, and the rows concatenated.</summary>
public sealed record SampleRows(ulong[] Ranks, float[] Values);
