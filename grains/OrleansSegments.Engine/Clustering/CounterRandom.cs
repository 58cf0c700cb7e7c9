namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// Random numbers that are a pure function of (seed, stream, counter): the SplitMix64 finaliser over a counter. The same training seed gives
/// the same numbers on every platform and in every order of other work. Not for secrets.
/// </summary>
public sealed class CounterRandom
{
    private readonly ulong _key;
    private ulong _counter;

    /// <param name="seed">The training seed.</param>
    /// <param name="stream">Keeps uses of one seed apart.</param>
    public CounterRandom(ulong seed, ulong stream = 0) => _key = StableHash.Mix(seed ^ StableHash.Mix(stream + 1));

    public ulong NextBits() => StableHash.Mix(_key + (++_counter * 0x9E3779B97F4A7C15UL));

    /// <summary>From 0 to below <paramref name="limit"/>; the bias is below limit / 2^64.</summary>
    public long Next(long limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return (long)Math.BigMul(NextBits(), (ulong)limit, out _);
    }
}
