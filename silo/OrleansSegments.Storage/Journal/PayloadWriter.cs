using System.Buffers.Binary;
using System.Text;

namespace OrleansSegments.Storage.Journal;

/// <summary>A growing buffer of little-endian fields, used again for every commit.</summary>
internal sealed class PayloadWriter
{
    private const int BytesMin = 64 * 1024;
    private const int KeptBytesMax = 32 * 1024 * 1024;

    private byte[] _buffer = new byte[BytesMin];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    public Span<byte> Written => _buffer.AsSpan(0, Length);

    public void Clear()
    {
        // One commit of a few huge states must not keep its buffer for ever.
        if (_buffer.Length > KeptBytesMax)
        {
            _buffer = new byte[BytesMin];
        }

        Length = 0;
    }

    public void Write(byte value) => Reserve(1)[0] = value;

    public void Write(short value) => BinaryPrimitives.WriteInt16LittleEndian(Reserve(2), value);

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    public void Write(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        Write(bytes);
        Encoding.UTF8.GetBytes(text, Reserve(bytes));
    }

    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Fills up with zeros to a multiple of so many bytes.</summary>
    public void Align(int multiple) => Reserve((multiple - (Length % multiple)) % multiple).Clear();

    /// <summary>Room for so many bytes, with whatever was there before.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - Length < bytes)
        {
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(_buffer.Length * 2L, (long)Length + bytes)));
        }

        var reserved = _buffer.AsSpan(Length, bytes);
        Length += bytes;
        return reserved;
    }
}
