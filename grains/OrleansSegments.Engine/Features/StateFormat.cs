using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OrleansSegments.Engine.Features;

/// <summary>A customer's state seen through its bytes, little-endian: version (1 byte), remembered messages (1), traits (2), the minute until which
/// messages are remembered elsewhere (4), layout hash (8), cells (2), bytes of aliases (4); one presence bit per cell; the cells that are not zero (8 each); keys of the
/// messages, oldest first (8 each), and the minutes until which they are remembered (4 each); the traits; the aliases (see <see cref="Identity.AliasList"/>).
/// An empty span is a customer without events.</summary>
internal readonly ref struct StateFormat
{
    public const byte Version = 3;
    public const int HeaderBytes = 22;

    private readonly ReadOnlySpan<byte> _state;
    private readonly int _maskBytes;

    public StateFormat(ReadOnlySpan<byte> state)
    {
        _state = state;
        if (state.IsEmpty)
        {
            return;
        }

        _maskBytes = (BinaryPrimitives.ReadUInt16LittleEndian(state[16..]) + 7) / 8;
        var present = 0;
        foreach (var mask in Mask)
        {
            present += BitOperations.PopCount(mask);
        }

        var cells = HeaderBytes + _maskBytes;
        var keys = cells + present * 8;
        Cells = MemoryMarshal.Cast<byte, ulong>(state[cells..keys]);
        Messages = new MessageList(state[keys..], state[1], BinaryPrimitives.ReadUInt32LittleEndian(state[4..]));
        Aliases = state[^BinaryPrimitives.ReadInt32LittleEndian(state[18..])..];
        Traits = state[(keys + Messages.Bytes)..^Aliases.Length];
        TraitCount = BinaryPrimitives.ReadUInt16LittleEndian(state[2..]);
    }

    public ReadOnlySpan<byte> Mask => _state.IsEmpty ? [] : _state.Slice(HeaderBytes, _maskBytes);

    /// <summary>Only the cells whose presence bit is set.</summary>
    public ReadOnlySpan<ulong> Cells { get; }

    public MessageList Messages { get; }

    public ReadOnlySpan<byte> Traits { get; }

    public int TraitCount { get; }

    /// <summary>The ids that are this customer too, encoded.</summary>
    public ReadOnlySpan<byte> Aliases { get; }

    public static bool CanRead(ReadOnlySpan<byte> state, ulong layoutHash) =>
        state.IsEmpty
        || (state.Length >= HeaderBytes && state[0] == Version && BinaryPrimitives.ReadUInt64LittleEndian(state[8..]) == layoutHash);

    /// <summary>Writes the stored cells to their indices; the other cells must already be zero.</summary>
    public void Expand(Span<ulong> dense) => CellPacking.Unpack(Mask, Cells, dense);

    /// <summary>Reads one of the first eight cells without expansion.</summary>
    public double Early(int cell) =>
        _state.IsEmpty || (Mask[0] >> cell & 1) == 0
            ? 0
            : BitConverter.UInt64BitsToDouble(Cells[BitOperations.PopCount((uint)(Mask[0] & ((1 << cell) - 1)))]);

    /// <summary>Writes the new state; the only allocation of an update.</summary>
    [SkipLocalsInit]
    public static byte[] Write(
        StateLayout layout,
        ReadOnlySpan<ulong> dense,
        MessageList messages,
        int traitCount,
        int traitBytes,
        ReadOnlySpan<byte> aliases,
        out Span<byte> traits)
    {
        Span<ulong> packed = stackalloc ulong[dense.Length];
        Span<byte> mask = stackalloc byte[layout.MaskBytes];
        var present = CellPacking.Pack(dense, mask, packed);
        var state = GC.AllocateUninitializedArray<byte>(HeaderBytes + layout.MaskBytes + present * 8 + messages.Bytes + traitBytes + aliases.Length);
        state[0] = Version;
        state[1] = (byte)messages.Keys.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(2), (ushort)traitCount);
        BinaryPrimitives.WriteUInt32LittleEndian(state.AsSpan(4), messages.SpilledUntil);
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(8), layout.Hash);
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(16), (ushort)dense.Length);
        BinaryPrimitives.WriteInt32LittleEndian(state.AsSpan(18), aliases.Length);
        mask.CopyTo(state.AsSpan(HeaderBytes));
        MemoryMarshal.AsBytes(packed[..present]).CopyTo(state.AsSpan(HeaderBytes + layout.MaskBytes));
        messages.CopyTo(state.AsSpan(HeaderBytes + layout.MaskBytes + present * 8));
        aliases.CopyTo(state.AsSpan(state.Length - aliases.Length));
        traits = state.AsSpan(state.Length - aliases.Length - traitBytes, traitBytes);
        return state;
    }
}

/// <summary>
/// Packs a customer's cells into the nonzero ones plus a bit mask, and back. With AVX-512 compress/expand eight cells are processed at
/// once; without it, and for the remainder, plain loops are used.
/// </summary>
internal static class CellPacking
{
    private const int Width = 8;

    /// <summary>Writes the packed cells to their indices; the other cells must already be zero.</summary>
    public static void Unpack(ReadOnlySpan<byte> mask, ReadOnlySpan<ulong> packed, Span<ulong> cells)
    {
        var (group, next) = (0, 0);
        if (Avx512F.IsSupported)
        {
            // A whole vector is read even when fewer cells are needed, so it must end within the packed cells.
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

    /// <summary>
    /// Moves the nonzero cells to the front of <paramref name="packed"/>, which must be as long as the cells; returns their number.
    /// </summary>
    /// <param name="mask">Receives one bit per cell.</param>
    public static int Pack(ReadOnlySpan<ulong> cells, Span<byte> mask, Span<ulong> packed)
    {
        var (group, next) = (0, 0);
        if (Avx512F.IsSupported)
        {
            for (; (group + 1) * Width <= cells.Length; group++)
            {
                var eight = Vector512.Create(cells[(group * Width)..]);
                var present = ~Vector512.Equals(eight, Vector512<ulong>.Zero);

                // The unused end of the vector is overwritten by the next one.
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
