using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Events;

/// <summary>XxHash64 (Y. Collet), seed 0: the same on every machine and in every version, so its values may be stored.</summary>
public static class Hash64
{
    private const ulong Prime1 = 11400714785074694791;
    private const ulong Prime2 = 14029467366897019727;
    private const ulong Prime3 = 1609587929392839161;
    private const ulong Prime4 = 9650029242287828579;
    private const ulong Prime5 = 2870177450012600261;

    /// <summary>Hash of the UTF-16 code units, without a copy.</summary>
    public static ulong Of(ReadOnlySpan<char> text) => Of(MemoryMarshal.AsBytes(text));

    public static ulong Of(ReadOnlySpan<byte> data)
    {
        var length = (ulong)data.Length;
        var hash = data.Length >= 32 ? Stripes(ref data) : Prime5;
        hash += length;
        while (data.Length >= 8)
        {
            hash = BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(data)), 27) * Prime1 + Prime4;
            data = data[8..];
        }

        if (data.Length >= 4)
        {
            hash = BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt32LittleEndian(data) * Prime1, 23) * Prime2 + Prime3;
            data = data[4..];
        }

        foreach (var single in data)
        {
            hash = BitOperations.RotateLeft(hash ^ single * Prime5, 11) * Prime1;
        }

        hash = (hash ^ hash >> 33) * Prime2;
        hash = (hash ^ hash >> 29) * Prime3;
        return hash ^ hash >> 32;
    }

    private static ulong Stripes(ref ReadOnlySpan<byte> data)
    {
        var (a, b, c, d) = (unchecked(Prime1 + Prime2), Prime2, 0UL, unchecked(0UL - Prime1));
        while (data.Length >= 32)
        {
            a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(data));
            b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(data[8..]));
            c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(data[16..]));
            d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(data[24..]));
            data = data[32..];
        }

        var hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
        hash = (hash ^ Round(0, a)) * Prime1 + Prime4;
        hash = (hash ^ Round(0, b)) * Prime1 + Prime4;
        hash = (hash ^ Round(0, c)) * Prime1 + Prime4;
        return (hash ^ Round(0, d)) * Prime1 + Prime4;
    }

    private static ulong Round(ulong accumulator, ulong input) =>
        BitOperations.RotateLeft(accumulator + input * Prime2, 31) * Prime1;
}
