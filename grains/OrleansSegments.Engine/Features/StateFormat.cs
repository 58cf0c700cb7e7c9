using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansSegments.Engine.Features;

/// <summary>A customer's state seen through its bytes, little-endian: version (1 byte), remembered messages (1), traits (2), the minute until which
/// messages are remembered elsewhere (4), layout hash (8), cells (2); one presence bit per cell; the cells that are not zero (8 each); keys of the
/// messages, oldest first (8 each), and the minutes until which they are remembered (4 each); the traits. An empty span is a customer without events.</summary>
internal readonly ref struct StateFormat
{
    public const byte Version = 2;
    public const int HeaderBytes = 18;

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
        Traits = state[(keys + Messages.Bytes)..];
        TraitCount = BinaryPrimitives.ReadUInt16LittleEndian(state[2..]);
    }

    public ReadOnlySpan<byte> Mask => _state.IsEmpty ? [] : _state.Slice(HeaderBytes, _maskBytes);

    /// <summary>Only the cells whose presence bit is set.</summary>
    public ReadOnlySpan<ulong> Cells { get; }

    public MessageList Messages { get; }

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
        StateLayout layout, ReadOnlySpan<ulong> dense, MessageList messages, int traitCount, int traitBytes, out Span<byte> traits)
    {
        Span<ulong> packed = stackalloc ulong[dense.Length];
        Span<byte> mask = stackalloc byte[layout.MaskBytes];
        var present = CellPacking.Pack(dense, mask, packed);
        var state = GC.AllocateUninitializedArray<byte>(HeaderBytes + layout.MaskBytes + present * 8 + messages.Bytes + traitBytes);
        state[0] = Version;
        state[1] = (byte)messages.Keys.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(2), (ushort)traitCount);
        BinaryPrimitives.WriteUInt32LittleEndian(state.AsSpan(4), messages.SpilledUntil);
        BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(8), layout.Hash);
        BinaryPrimitives.WriteUInt16LittleEndian(state.AsSpan(16), (ushort)dense.Length);
        mask.CopyTo(state.AsSpan(HeaderBytes));
        MemoryMarshal.AsBytes(packed[..present]).CopyTo(state.AsSpan(HeaderBytes + layout.MaskBytes));
        messages.CopyTo(state.AsSpan(HeaderBytes + layout.MaskBytes + present * 8));
        traits = state.AsSpan(state.Length - traitBytes);
        return state;
    }
}
