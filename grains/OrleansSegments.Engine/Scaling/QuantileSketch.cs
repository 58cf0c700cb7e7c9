namespace OrleansSegments.Engine.Scaling;

/// <summary>
/// Histogram of one feature's values in logarithmic buckets, each octave split into 128 equal parts, so that a quantile is within 1 % of
/// the true value for any distribution (the idea of DDSketch; Masson et al. 2019). Merging adds integers, so the result does not depend on
/// placement or order. The bucket is taken from the bits of the double, without computing a logarithm. Magnitudes below 2^-20 count as
/// zero, those above 2^40 as 2^40. NaN (unknown) is counted separately. At most 122,880 bytes.
/// </summary>
public sealed class QuantileSketch
{
    private const int PartsPerOctaveLog2 = 7;
    private const int MantissaShift = 52 - PartsPerOctaveLog2;
    private const int LowestOctave = -20;
    private const int HighestOctave = 40;
    private const int BucketCount = (HighestOctave - LowestOctave) << PartsPerOctaveLog2;
    private const ulong FirstBucketBits = (ulong)(1023 + LowestOctave) << PartsPerOctaveLog2;

    private long[] _positive = [];
    private long[] _negative = [];
    private long _zeros;

    /// <summary>Number of values counted, without unknown ones.</summary>
    public long Count { get; private set; }

    public long UnknownCount { get; private set; }

    public double Min { get; private set; } = double.PositiveInfinity;

    public double Max { get; private set; } = double.NegativeInfinity;

    public void Add(double value)
    {
        if (double.IsNaN(value))
        {
            UnknownCount++;
            return;
        }

        Count++;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        AddToBucket(KeyOf(value), 1);
    }

    /// <summary>Adds another sketch's counts to this one.</summary>
    public void Merge(QuantileSketch other) => Merge(other.Snapshot());

    /// <summary>Adds the counts of another silo.</summary>
    public void Merge(QuantileSketchCounts other)
    {
        for (int i = 0; i < other.Keys.Length; i++)
        {
            AddToBucket(other.Keys[i], other.Counts[i]);
            Count += other.Counts[i];
        }

        UnknownCount += other.UnknownCount;
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The occupied buckets in ascending order, as sent between silos.</summary>
    public QuantileSketchCounts Snapshot()
    {
        (int Key, long Count)[] occupied = [.. Occupied()];
        return new QuantileSketchCounts(
            Array.ConvertAll(occupied, o => o.Key), Array.ConvertAll(occupied, o => o.Count), UnknownCount, Min, Max);
    }

    /// <summary>
    /// The value below which a share <paramref name="q"/> lies, interpolated within its bucket; NaN when nothing was counted.
    /// </summary>
    public double Quantile(double q)
    {
        double rank = Math.Clamp(q, 0, 1) * (Count - 1);
        double below = 0;
        foreach ((int key, long count) in Occupied())
        {
            if (rank < below + count)
            {
                (double low, double high) = BoundsOf(key);
                return Math.Clamp(low + ((rank - below + 0.5) / count * (high - low)), Min, Max);
            }

            below += count;
        }

        return Count == 0 ? double.NaN : Max;
    }

    /// <summary>Standard deviation of the bucket centres, winsorised to [low, high]; 0 when nothing was counted.</summary>
    public double WinsorisedDeviation(double low, double high)
    {
        double sum = 0;
        double squares = 0;
        double origin = Quantile(0.5);
        foreach ((int key, long count) in Occupied())
        {
            (double lower, double upper) = BoundsOf(key);
            double value = Math.Clamp((lower + upper) / 2, low, high) - origin;
            sum += count * value;
            squares += count * value * value;
        }

        return Count == 0 ? 0 : Math.Sqrt(Math.Max(0, (squares - (sum * sum / Count)) / Count));
    }

    /// <summary>True when two values fall into the same bucket, so that their difference is not significant.</summary>
    internal static bool CannotTellApart(double a, double b) => KeyOf(a) == KeyOf(b);

    private static int KeyOf(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(Math.Abs(value)) >> MantissaShift;
        if (bits < FirstBucketBits)
        {
            return 0;
        }

        int bucket = (int)Math.Min(bits - FirstBucketBits, BucketCount - 1);
        return value > 0 ? bucket + 1 : -(bucket + 1);
    }

    private static (double Low, double High) BoundsOf(int key)
    {
        if (key == 0)
        {
            return (0, 0);
        }

        ulong bits = (ulong)(Math.Abs(key) - 1) + FirstBucketBits;
        double low = BitConverter.UInt64BitsToDouble(bits << MantissaShift);
        double high = BitConverter.UInt64BitsToDouble((bits + 1) << MantissaShift);
        return key > 0 ? (low, high) : (-high, -low);
    }

    private void AddToBucket(int key, long count)
    {
        if (key == 0)
        {
            _zeros += count;
            return;
        }

        ref long[] side = ref key > 0 ? ref _positive : ref _negative;
        int bucket = Math.Abs(key) - 1;
        if (bucket >= side.Length)
        {
            Array.Resize(ref side, Math.Min(BucketCount, Math.Max(bucket + 1, (bucket + 1) * 5 / 4)));
        }

        side[bucket] += count;
    }

    private IEnumerable<(int Key, long Count)> Occupied()
    {
        for (int i = _negative.Length - 1; i >= 0; i--)
        {
            if (_negative[i] != 0)
            {
                yield return (-(i + 1), _negative[i]);
            }
        }

        if (_zeros != 0)
        {
            yield return (0, _zeros);
        }

        for (int i = 0; i < _positive.Length; i++)
        {
            if (_positive[i] != 0)
            {
                yield return (i + 1, _positive[i]);
            }
        }
    }
}

/// <summary>A sketch as a message: occupied buckets (key 0 is zero, positive and negative keys are mirrored) and their counts.</summary>
public sealed record QuantileSketchCounts(int[] Keys, long[] Counts, long UnknownCount, double Min, double Max);
