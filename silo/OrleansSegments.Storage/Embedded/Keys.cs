using System.Buffers.Binary;
using System.Text;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// Encodes keys so that their bytes sort correctly: ids as UTF-8, numbers big-endian with the sign bit flipped. Every method writes to a
/// buffer of <see cref="BytesMax"/> bytes, <see cref="Trait"/> of <see cref="TraitBytesMax"/>, and returns the written part.
/// </summary>
internal static class Keys
{
    public const int BytesMax = sizeof(uint) + CustomerId.Utf8BytesMax + 1 + sizeof(ulong);

    /// <summary>Size of the buffer for <see cref="Trait"/>, which has the longest keys; with a byte for the successor of an id.</summary>
    public const int TraitBytesMax = TraitHeadBytes + byte.MaxValue + (3 * TraitEntry.ValueLengthMax) + CustomerId.Utf8BytesMax + 1;

    /// <summary>Where in a trait's key its name begins.</summary>
    public const int TraitHeadBytes = sizeof(byte) + sizeof(ushort);

    /// <summary>Key of all sizes and the log's end; written with every commit.</summary>
    public static ReadOnlySpan<byte> Totals => "totals"u8;

    public static ReadOnlySpan<byte> Customer(string id, Span<byte> buffer) => buffer[..Encoding.UTF8.GetBytes(id, buffer)];

    public static ReadOnlySpan<byte> Member(int segmentId, ReadOnlySpan<byte> id, Span<byte> buffer)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer, segmentId ^ int.MinValue);
        return Append(buffer, sizeof(int), id);
    }

    public static ReadOnlySpan<byte> Deadline(long dueMilliseconds, ReadOnlySpan<byte> id, Span<byte> buffer)
    {
        BinaryPrimitives.WriteInt64BigEndian(buffer, dueMilliseconds ^ long.MinValue);
        return Append(buffer, sizeof(long), id);
    }

    public static ReadOnlySpan<byte> Transition(long sequence, Span<byte> buffer) => Deadline(sequence, [], buffer);

    /// <summary>Day, customer id and a zero byte: the messages to delete of a day, or of a customer on a day, are adjacent.</summary>
    public static ReadOnlySpan<byte> Message(uint day, ReadOnlySpan<byte> id, ulong message, Span<byte> buffer)
    {
        BinaryPrimitives.WriteUInt32BigEndian(buffer, day);
        var length = Append(buffer, sizeof(uint), id).Length;
        buffer[length] = 0;
        BinaryPrimitives.WriteUInt64BigEndian(buffer[(length + 1)..], message);
        return buffer[..(length + 1 + sizeof(ulong))];
    }

    /// <summary>The lengths of trait and value, both, and the customer's id: the customers of a value are adjacent, whatever bytes it has.</summary>
    public static ReadOnlySpan<byte> Trait(string trait, string value, ReadOnlySpan<byte> id, Span<byte> buffer)
    {
        var traitBytes = Encoding.UTF8.GetBytes(trait, buffer[TraitHeadBytes..]);
        var valueBytes = Encoding.UTF8.GetBytes(value, buffer[(TraitHeadBytes + traitBytes)..]);
        buffer[0] = checked((byte)traitBytes);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[1..], (ushort)valueBytes);
        return Append(buffer, TraitHeadBytes + traitBytes + valueBytes, id);
    }

    /// <summary>Where in a trait's key the value and the customer's id begin.</summary>
    public static (int Value, int Id) PartsOfTrait(ReadOnlySpan<byte> key)
    {
        var value = TraitHeadBytes + key[0];
        return (value, value + BinaryPrimitives.ReadUInt16BigEndian(key[1..]));
    }

    /// <summary>
    /// The kind with a length prefix, then the key: documents of a kind are adjacent, ordered by the bytes of their keys.
    /// </summary>
    public static byte[] Document(string kind, string key)
    {
        var bytes = new byte[sizeof(ushort) + Encoding.UTF8.GetByteCount(kind) + Encoding.UTF8.GetByteCount(key)];
        var kindBytes = Encoding.UTF8.GetBytes(kind, bytes.AsSpan(sizeof(ushort)));
        BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)kindBytes));
        Encoding.UTF8.GetBytes(key, bytes.AsSpan(sizeof(ushort) + kindBytes));
        return bytes;
    }

    public static (string Kind, string Key) NamesOfDocument(ReadOnlySpan<byte> key)
    {
        var kindEnd = sizeof(ushort) + BinaryPrimitives.ReadUInt16BigEndian(key);
        return (Encoding.UTF8.GetString(key[sizeof(ushort)..kindEnd]), Encoding.UTF8.GetString(key[kindEnd..]));
    }

    /// <summary>The time or sequence at the beginning of a key.</summary>
    public static long NumberOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key) ^ long.MinValue;

    public static int SegmentOf(ReadOnlySpan<byte> memberKey) => BinaryPrimitives.ReadInt32BigEndian(memberKey) ^ int.MinValue;

    public static ReadOnlySpan<byte> IdOfMember(ReadOnlySpan<byte> key) => key[sizeof(int)..];

    public static ReadOnlySpan<byte> IdOfDeadline(ReadOnlySpan<byte> key) => key[sizeof(long)..];

    private static ReadOnlySpan<byte> Append(Span<byte> buffer, int prefix, ReadOnlySpan<byte> id)
    {
        id.CopyTo(buffer[prefix..]);
        return buffer[..(prefix + id.Length)];
    }
}
