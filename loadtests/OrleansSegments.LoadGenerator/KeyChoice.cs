namespace OrleansSegments.LoadGenerator;

/// <summary>
/// Draws customers uniformly, or by Zipf's law with exponent 1, where the k-th customer has 1/k of the first one's share.
/// </summary>
public sealed class KeyChoice
{
    private readonly int _customers;
    private readonly double[]? _cumulative;
    private readonly int[]? _first;
    private ulong _state;

    public KeyChoice(int customers, bool isZipf, ulong seed)
    {
        _customers = customers;
        _state = seed;
        if (isZipf)
        {
            _cumulative = CumulativeOf(customers);
            _first = FirstOf(_cumulative);
        }
    }

    /// <summary>The number of the next customer, from 0.</summary>
    public int Next()
    {
        // SplitMix64 (Steele, Lea, Flood 2014).
        ulong value = _state += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        value ^= value >> 31;
        return _cumulative is null ? (int)(((value >> 32) * (ulong)_customers) >> 32) : Rank((value >> 11) * (1.0 / (1UL << 53)));
    }

    private int Rank(double drawn)
    {
        // A guide table (Chen and Asau 1974) gives the starting point; the search from there takes a step or two.
        int rank = _first![(int)(drawn * _first.Length)];
        while (_cumulative![rank] < drawn)
        {
            rank++;
        }

        return rank;
    }

    private static double[] CumulativeOf(int customers)
    {
        double[] cumulative = new double[customers];
        double sum = 0;
        for (int rank = 0; rank < customers; rank++)
        {
            sum += 1.0 / (rank + 1);
            cumulative[rank] = sum;
        }

        for (int rank = 0; rank < customers; rank++)
        {
            cumulative[rank] /= sum;
        }

        cumulative[^1] = 1;
        return cumulative;
    }

    private static int[] FirstOf(double[] cumulative)
    {
        int[] first = new int[cumulative.Length];
        int rank = 0;
        for (int slot = 0; slot < first.Length; slot++)
        {
            while (cumulative[rank] < (double)slot / first.Length)
            {
                rank++;
            }

            first[slot] = rank;
        }

        return first;
    }
}
