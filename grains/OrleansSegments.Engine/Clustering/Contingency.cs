namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// Contingency table: how many customers are in cluster i of the old model and cluster j of the new one at the same instant. Exact integers
/// that add up over silos; every measure of agreement between two models is computed from it.
/// </summary>
public sealed class Contingency
{
    private readonly long[] _cells;

    public Contingency(int oldCount, int newCount)
        : this(oldCount, newCount, new long[oldCount * newCount])
    {
    }

    /// <param name="cells">Old x new, row by row, as sent between silos.</param>
    public Contingency(int oldCount, int newCount, long[] cells)
    {
        if (cells.Length != oldCount * newCount)
        {
            throw new ArgumentException($"{oldCount} x {newCount} needs {oldCount * newCount} cells; got {cells.Length}.");
        }

        (OldCount, NewCount, _cells) = (oldCount, newCount, cells);
    }

    public int OldCount { get; }

    public int NewCount { get; }

    /// <summary>Old x new, row by row.</summary>
    public ReadOnlySpan<long> Cells => _cells;

    public long Total => _cells.Sum();

    public long this[int old, int @new] => _cells[(old * NewCount) + @new];

    /// <summary>Counts two labelings of the same rows; rows without a valid label in either are left out.</summary>
    public static Contingency Of(int oldCount, int newCount, ReadOnlySpan<byte> oldLabels, ReadOnlySpan<byte> newLabels)
    {
        if (oldLabels.Length != newLabels.Length)
        {
            throw new ArgumentException($"{oldLabels.Length} old labels and {newLabels.Length} new labels; both must cover the same rows.");
        }

        var table = new Contingency(oldCount, newCount);
        for (int row = 0; row < oldLabels.Length; row++)
        {
            if (oldLabels[row] != LloydPart.NoLabel && newLabels[row] != LloydPart.NoLabel)
            {
                table.Add(oldLabels[row], newLabels[row]);
            }
        }

        return table;
    }

    public void Add(int old, int @new, long count = 1) => _cells[(old * NewCount) + @new] += count;

    public void Merge(Contingency other)
    {
        if (other.OldCount != OldCount || other.NewCount != NewCount)
        {
            throw new ArgumentException($"A table of {other.OldCount} x {other.NewCount} cannot be added to one of {OldCount} x {NewCount}.");
        }

        for (int i = 0; i < _cells.Length; i++)
        {
            _cells[i] += other._cells[i];
        }
    }

    public long OldSize(int old)
    {
        long sum = 0;
        for (int j = 0; j < NewCount; j++)
        {
            sum += this[old, j];
        }

        return sum;
    }

    public long NewSize(int @new)
    {
        long sum = 0;
        for (int i = 0; i < OldCount; i++)
        {
            sum += this[i, @new];
        }

        return sum;
    }

    /// <summary>Jaccard index: customers in both clusters divided by customers in either; 0 when both are empty.</summary>
    public double Jaccard(int old, int @new)
    {
        long both = this[old, @new];
        long either = OldSize(old) + NewSize(@new) - both;
        return either == 0 ? 0 : (double)both / either;
    }

    /// <summary>
    /// Hubert and Arabie's chance-corrected agreement: 1 for the same partition under any numbering, about 0 for a random one.
    /// </summary>
    public double AdjustedRandIndex
    {
        get
        {
            double together = _cells.Sum(Pairs);
            double old = Enumerable.Range(0, OldCount).Sum(i => Pairs(OldSize(i)));
            double @new = Enumerable.Range(0, NewCount).Sum(j => Pairs(NewSize(j)));
            double all = Pairs(Total);
            double expected = all == 0 ? 0 : old * @new / all;
            double most = (old + @new) / 2;
            return most == expected ? 1 : (together - expected) / (most - expected);
        }
    }

    /// <summary>Mutual information divided by the mean of both entropies: 1 for the same partition, 0 for independent ones.</summary>
    public double NormalisedMutualInformation
    {
        get
        {
            double total = Total;
            double old = Enumerable.Range(0, OldCount).Sum(i => EntropyTerm(OldSize(i) / total));
            double @new = Enumerable.Range(0, NewCount).Sum(j => EntropyTerm(NewSize(j) / total));
            double joint = _cells.Sum(n => EntropyTerm(n / total));
            return old + @new == 0 ? 1 : 2 * (old + @new - joint) / (old + @new);
        }
    }

    private static double Pairs(long n) => n * (n - 1.0) / 2;

    private static double EntropyTerm(double p) => p > 0 ? -p * Math.Log(p) : 0;
}
