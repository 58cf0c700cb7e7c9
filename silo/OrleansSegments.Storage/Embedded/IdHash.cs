using System.Buffers.Binary;

namespace OrleansSegments.Storage.Embedded;

/// <summary>A keyed 64-bit hash of an id's UTF-8 bytes, by folded 128-bit products (the mixing step of wyhash). Never 0, never stored.</summary>
internal readonly struct IdHash(ReadOnlySpan<byte> key)
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    private readonly ulong _seed = BinaryPrimitives.ReadUInt64LittleEndian(key) | 1;
    private readonly ulong _mask = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]) | 1;

    public ulong Of(ReadOnlySpan<byte> utf8)
    {
        var hash = _seed ^ (ulong)utf8.Length;
        while (utf8.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(utf8), _mask);
            utf8 = utf8[8..];
        }

        ulong tail = 0;
        for (var index = 0; index < utf8.Length; index++)
        {
            tail |= (ulong)utf8[index] << (8 * index);
        }

        hash = Mix(Mix(hash ^ tail, _mask) ^ Prime, _seed);
        return hash == 0 ? Prime : hash;
    }

    private static ulong Mix(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
