namespace OrleansSegments.LoadGenerator;

/// <summary>
/// Durations in buckets whose bounds grow by 2 %: any percentile is within 1 % of a recorded value between a microsecond and an hour; the
/// highest is exact. 9 KB, no allocation, one interlocked add per record; any thread may record, readers see a moment's approximation.
/// Layout after the log buckets of DDSketch (Masson, Rim, Lee 2019).
/// </summary>
public sealed class LatencyHistogram
{
    private const double Growth = 1.02;
    private const double TicksMin = TimeSpan.TicksPerMicrosecond;
    private static readonly double LogGrowth = Math.Log(Growth);
    private static readonly int Buckets = BucketOf(TimeSpan.TicksPerHour) + 1;
    private readonly long[] _counts = new long[Buckets];
    private long _count;
    private long _sumTicks;
    private long _maxTicks;

    public long Count => Interlocked.Read(ref _count);

    public TimeSpan Max => new(Interlocked.Read(ref _maxTicks));

    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : new TimeSpan(Interlocked.Read(ref _sumTicks) / Count);

    /// <summary>Counts a duration; below a microsecond it counts as one, above an hour it stands in the last bucket.</summary>
    public void Record(TimeSpan duration)
    {
        long ticks = Math.Max(0, duration.Ticks);
        Interlocked.Increment(ref _counts[Math.Min(BucketOf(ticks), Buckets - 1)]);
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _sumTicks, ticks);
        long max = Interlocked.Read(ref _maxTicks);
        while (ticks > max)
        {
            long seen = Interlocked.CompareExchange(ref _maxTicks, ticks, max);
            if (seen == max)
            {
                break;
            }

            max = seen;
        }
    }

    /// <summary>The duration that <paramref name="percent"/> (0 to 100) of the records do not exceed; zero without records.</summary>
    public TimeSpan Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        long wanted = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        long passed = 0;
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            passed += Interlocked.Read(ref _counts[bucket]);
            if (passed >= wanted)
            {
                return passed == Count && percent == 100 ? Max : Middle(bucket);
            }
        }

        return Max;
    }

    /// <summary>Adds the records of another histogram.</summary>
    public void Merge(LatencyHistogram other)
    {
        for (int bucket = 0; bucket < Buckets; bucket++)
        {
            Interlocked.Add(ref _counts[bucket], Interlocked.Read(ref other._counts[bucket]));
        }

        Interlocked.Add(ref _count, other.Count);
        Interlocked.Add(ref _sumTicks, Interlocked.Read(ref other._sumTicks));
        _maxTicks = Math.Max(_maxTicks, other.Max.Ticks);
    }

    private static int BucketOf(long ticks) => ticks <= TicksMin ? 0 : (int)Math.Ceiling(Math.Log(ticks / TicksMin) / LogGrowth);

    /// <summary>The value whose relative distance to both bounds of the bucket is the same, never above the highest record.</summary>
    private TimeSpan Middle(int bucket)
    {
        double upper = TicksMin * Math.Pow(Growth, bucket);
        double middle = bucket == 0 ? TicksMin : 2 * upper / (Growth + 1);
        return new TimeSpan(Math.Min((long)Math.Round(middle), _maxTicks));
    }
}
