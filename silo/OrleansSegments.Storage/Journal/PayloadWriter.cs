using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace OrleansSegments.Storage.Journal;

/// <summary>A growing buffer of little-endian fields, used again for every commit.</summary>
internal sealed class PayloadWriter
{
    private const int KeptBytesMax = 32 * 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Clear()
    {
        // One commit of a few huge states must not keep its buffer for ever.
        if (_buffer.Length > KeptBytesMax)
        {
            _buffer = new byte[64 * 1024];
        }

        _length = 0;
    }

    public void Write(byte value) => Reserve(1)[0] = value;

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    public void Write(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        Write(bytes);
        Encoding.UTF8.GetBytes(text, Reserve(bytes));
    }

    public void Write(byte[] bytes)
    {
        Write(bytes.Length);
        bytes.CopyTo(Reserve(bytes.Length));
    }

    /// <summary>Ends the payload with a checksum of all of it.</summary>
    public void WriteChecksum() => Write((int)Checksum(Written));

    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, checked(_length + bytes)));
        }

        var reserved = _buffer.AsSpan(_length, bytes);
        _length += bytes;
        return reserved;
    }
}
