namespace OrleansSegments.Simulator;

/// <summary>
/// Chance-corrected agreement of two labellings of the same items (Hubert and Arabie 1985): 1 for equal partitions under any labels, about
/// 0 for independent ones, negative for less than chance.
/// </summary>
public static class AdjustedRandIndex
{
    /// <summary>Throws when the lengths differ. Two equal trivial partitions (one group, or all apart) agree fully.</summary>
    public static double Compute(ReadOnlySpan<int> truth, ReadOnlySpan<int> found)
    {
        if (truth.Length != found.Length)
        {
            throw new ArgumentException($"truth has {truth.Length} items and found {found.Length}; they must label the same items.", nameof(found));
        }

        var cells = new Dictionary<(int, int), long>();
        var rows = new Dictionary<int, long>();
        var columns = new Dictionary<int, long>();
        for (int i = 0; i < truth.Length; i++)
        {
            Count(cells, (truth[i], found[i]));
            Count(rows, truth[i]);
            Count(columns, found[i]);
        }

        double together = Pairs(cells.Values);
        double inTruth = Pairs(rows.Values);
        double inFound = Pairs(columns.Values);
        double all = (double)truth.Length * (truth.Length - 1) / 2;
        double expected = all > 0 ? inTruth * inFound / all : 0;
        double highest = (inTruth + inFound) / 2;
        return highest - expected == 0 ? 1 : (together - expected) / (highest - expected);
    }

    private static double Pairs(IEnumerable<long> sizes) => sizes.Sum(size => (double)size * (size - 1) / 2);

    private static void Count<TKey>(Dictionary<TKey, long> counts, TKey key)
        where TKey : notnull
    {
        counts[key] = counts.GetValueOrDefault(key) + 1;
    }
}
