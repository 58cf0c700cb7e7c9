using System.Buffers.Binary;
using System.Text;

namespace OrleansSegments.Storage.Journal;

/// <summary>Reads what <see cref="PayloadWriter"/> wrote. Throws <see cref="InvalidDataException"/> beyond the end.</summary>
internal ref struct PayloadReader
{
    private ReadOnlySpan<byte> _rest;

    public PayloadReader(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 4 || PayloadWriter.Checksum(payload[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(payload[^4..]))
        {
            throw new InvalidDataException("a commit's checksum does not fit its content");
        }

        _rest = payload[..^4];
    }

    public byte ReadByte() => Take(1)[0];

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public string ReadText() => Encoding.UTF8.GetString(Take(ReadInt32()));

    public byte[] ReadBytes() => Take(ReadInt32()).ToArray();

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if ((uint)bytes > (uint)_rest.Length)
        {
            throw new InvalidDataException("a commit ends too early");
        }

        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }
}
