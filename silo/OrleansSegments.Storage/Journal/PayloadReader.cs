using System.Buffers.Binary;
using System.Text;

namespace OrleansSegments.Storage.Journal;

/// <summary>Reads little-endian fields. Throws <see cref="InvalidDataException"/> beyond the end.</summary>
internal ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    public readonly int Left => _rest.Length;

    public byte ReadByte() => Take(1)[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16LittleEndian(Take(2));

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public string ReadText() => Encoding.UTF8.GetString(Take(ReadInt32()));

    public byte[] ReadBytes() => Take(ReadInt32()).ToArray();

    public ReadOnlySpan<byte> Take(int bytes)
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
