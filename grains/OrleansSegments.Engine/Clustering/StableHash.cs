namespace OrleansSegments.Engine.Clustering;

/// <summary>64-bit hashes that are the same in every process, on every platform and in every release; the runtime's string hash is not.</summary>
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

    /// <summary>SplitMix64's finaliser: a bijection in which every input bit moves half of the output bits.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
