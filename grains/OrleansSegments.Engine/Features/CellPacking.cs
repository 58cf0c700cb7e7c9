using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Between the cells of a customer and those of them that are not zero, with a bit for each. Where the processor can move numbers apart and
/// together by a mask (AVX-512) eight are taken at once; elsewhere, and for the rest of the eighths, the plain loops serve.
/// </summary>
internal static class CellPacking
{
    private const int Width = 8;

    /// <summary>Writes the packed cells to their places; the others keep the zero they come with.</summary>
    public static void Unpack(ReadOnlySpan<byte> mask, ReadOnlySpan<ulong> packed, Span<ulong> cells)
    {
        var (group, next) = (0, 0);
        if (Avx512F.IsSupported)
        {
            // A vector is read from the packed cells although fewer may be wanted, so it must end within them.
            for (; (group + 1) * Width <= cells.Length && next + Width <= packed.Length && group < mask.Length; group++)
            {
                Avx512F.Expand(Vector512<ulong>.Zero, Lanes(mask[group]), Vector512.Create(packed[next..])).CopyTo(cells[(group * Width)..]);
                next += BitOperations.PopCount(mask[group]);
            }
        }

        for (; group < mask.Length; group++)
        {
            for (int bits = mask[group]; bits != 0; bits &= bits - 1)
            {
                cells[(group * Width) + BitOperations.TrailingZeroCount(bits)] = packed[next++];
            }
        }
    }

    /// <summary>Moves the cells that are not zero to the front of <paramref name="packed"/>, which is as long as the cells; returns how many.</summary>
    /// <param name="mask">Takes a bit per cell.</param>
    public static int Pack(ReadOnlySpan<ulong> cells, Span<byte> mask, Span<ulong> packed)
    {
        var (group, next) = (0, 0);
        if (Avx512F.IsSupported)
        {
            for (; (group + 1) * Width <= cells.Length; group++)
            {
                var eight = Vector512.Create(cells[(group * Width)..]);
                var present = ~Vector512.Equals(eight, Vector512<ulong>.Zero);

                // What lies behind those that are present is overwritten by the next.
                Avx512F.Compress(Vector512<ulong>.Zero, present, eight).CopyTo(packed[next..]);
                mask[group] = (byte)present.ExtractMostSignificantBits();
                next += BitOperations.PopCount(mask[group]);
            }
        }

        mask[group..].Clear();
        for (var i = group * Width; i < cells.Length; i++)
        {
            if (cells[i] != 0)
            {
                mask[i / Width] |= (byte)(1 << (i % Width));
                packed[next++] = cells[i];
            }
        }

        return next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Lanes(byte mask) =>
        ~Vector512.Equals(Vector512.Create((ulong)mask) & Vector512.Create(1UL, 2, 4, 8, 16, 32, 64, 128), Vector512<ulong>.Zero);
}
