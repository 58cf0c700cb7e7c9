using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Features;

/// <summary>A customer's state seen through its bytes, little-endian: version (1 byte, 1 unused), seen messages (2), traits (2), cells (2), layout
/// hash (8); one presence bit per cell; the cells that are not zero (8 each); keys of the seen messages, oldest first
/// (8 each); the traits. An empty span is a customer without events.</summary>
internal readonly ref struct StateFormat
{
    public const byte Version = 1;
    public const int HeaderBytes = 16;

    private readonly ReadOnlySpan<byte> _state;
    private readonly int _maskBytes;

    public StateFormat(ReadOnlySpan<byte> state)
    {
        _state = state;
        if (state.IsEmpty)
        {
            return;
        }

        _maskBytes = (BinaryPrimitives.ReadUInt16LittleEndian(state[6..]) + 7) / 8;
        var present = 0;
        foreach (var mask in Mask)
        {
            present += BitOperations.PopCount(mask);
        }

        var cells = HeaderBytes + _maskBytes;
        var seen = cells + present * 8;
        Cells = MemoryMarshal.Cast<byte, ulong>(state[cells..seen]);
        var seenCount = BinaryPrimitives.ReadUInt16LittleEndian(state[2..]);
        Seen = MemoryMarshal.Cast<byte, ulong>(state.Slice(seen, seenCount * 8));
        Traits = state[(seen + seenCount * 8)..];
        TraitCount = BinaryPrimitives.ReadUInt16LittleEndian(state[4..]);
    }

    public ReadOnlySpan<byte> Mask => _state.IsEmpty ? [] : _state.Slice(HeaderBytes, _maskBytes);

    /// <summary>Only the cells whose presence bit is set.</summary>
    public ReadOnlySpan<ulong> Cells { get; }

    public ReadOnlySpan<ulong> Seen { get; }

    public ReadOnlySpan<byte> Traits { get; }

    public int TraitCount { get; }

    public static bool CanRead(ReadOnlySpan<byte> state, ulong layoutHash) =>
        state.IsEmpty
        || (state.Length >= HeaderBytes && state[0] == Version && BinaryPrimitives.ReadUInt64LittleEndian(state[8..]) == layoutHash);

    /// <summary>Writes the stored cells to their places; the others keep the zero they come with.</summary>
    public void Expand(Span<ulong> dense) => CellPacking.Unpack(Mask, Cells, dense);

    /// <summary>One of the first eight cells, without expansion.</summary>
    public double Early(int cell) =>
        _state.IsEmpty || (Mask[0] >> cell & 1) == 0
            ? 0
            : BitConverter.UInt64BitsToDouble(Cells[BitOperations.PopCount((uint)(Mask[0] & ((1 << cell) - 1)))]);

    /// <summary>The one allocation of an update: the new state.</summary>
    [SkipLocalsInit]
    public static byte[] Write(
        StateLayout layout, ReadOnlySpan<ulong> dense, ReadOnlySpan<ulong> seenOld, ReadOnlySpan<ulong> seenNew, int traitCount, int traitBytes, out Span<byte> traits)
    {
        Span<ulong> packed = stackalloc ulong[dense.Length];
        Span<byte> mask = stackalloc byte[layout.MaskBytes];
        var present = CellPacking.Pack(dense, mask, packed);
        var seenCount = seenOld.Length + seenNew.Length;
        var state = GC.AllocateUninitializedArray<byte>(HeaderBytes + layout.MaskBytes + (present + seenCount) * 8 + traitBytes);
        state[0] = Version;
        state[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(2), (ushort)seenCount);
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(4), (ushort)traitCount);
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(6), (ushort)dense.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(8), layout.Hash);
        mask.CopyTo(state.AsSpan(HeaderBytes));
        MemoryMarshal.AsBytes(packed[..present]).CopyTo(state.AsSpan(HeaderBytes + layout.MaskBytes));
        var seen = MemoryMarshal.Cast<byte, ulong>(state.AsSpan(HeaderBytes + layout.MaskBytes + present * 8, seenCount * 8));
        seenOld.CopyTo(seen);
        seenNew.CopyTo(seen[seenOld.Length..]);
        traits = state.AsSpan(state.Length - traitBytes);
        return state;
    }
}
