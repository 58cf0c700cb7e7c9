namespace OrleansSegments.Engine.Clustering;

/// <summary>
/// Random numbers as a pure function of (seed, stream, counter): the SplitMix64 finaliser applied to a counter. The same training seed
/// gives the same numbers on every platform and in any order of other work. Not cryptographically secure.
/// </summary>
public sealed class CounterRandom
{
    private readonly ulong _key;
    private ulong _counter;

    /// <param name="seed">The training seed.</param>
    /// <param name="stream">Separates the uses of one seed.</param>
    public CounterRandom(ulong seed, ulong stream = 0) => _key = StableHash.Mix(seed ^ StableHash.Mix(stream + 1));

    public ulong NextBits() => StableHash.Mix(_key + (++_counter * 0x9E3779B97F4A7C15UL));

    /// <summary>Uniform from 0 to <paramref name="limit"/> - 1; the bias is below limit / 2^64.</summary>
    public long Next(long limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return (long)Math.BigMul(NextBits(), (ulong)limit, out _);
    }
}

/// <summary>64-bit hashes that are the same in every process, on every platform and in every release, unlike .NET's string hash.</summary>
public static class StableHash
{
    /// <summary>Hash of a customer id: FNV-1a over UTF-16 code units, then mixed.</summary>
    public static ulong Of(ReadOnlySpan<char> text)
    {
        ulong hash = 0xCBF29CE484222325UL;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 0x100000001B3UL;
        }

        return Mix(hash);
    }

    /// <summary>SplitMix64's finaliser: a bijection in which every input bit flips half of the output bits on average.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
