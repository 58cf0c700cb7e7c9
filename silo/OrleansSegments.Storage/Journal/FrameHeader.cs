using System.Buffers.Binary;

namespace OrleansSegments.Storage.Journal;

/// <summary>
/// The beginning of a commit in a journal file. The records' bodies follow, then what else the commit says, then zeros up to a multiple of
/// <see cref="Alignment"/>: a commit shares no page with the next one, so that writing one never rewrites another.
/// </summary>
/// <param name="Salt">The file's; what an earlier use of the file left behind has another.</param>
internal readonly record struct FrameHeader(ulong Salt, long CommitNumber, int BodyBytes, int ContentBytes, uint ContentChecksum)
{
    public const int Bytes = 40;
    public const int Alignment = 4_096;

    private const uint Magic = 0x4D4D4F43;

    /// <summary>Where the content begins, counted from the header.</summary>
    public long ContentOffset => (long)Bytes + BodyBytes;

    /// <summary>All of it, zeros included.</summary>
    public long FrameBytes => (ContentOffset + ContentBytes + Alignment - 1) / Alignment * Alignment;

    public void Write(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(into[4..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(into[12..], CommitNumber);
        BinaryPrimitives.WriteInt32LittleEndian(into[20..], BodyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(into[24..], ContentBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(into[28..], ContentChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(into[32..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(into[36..], Checksum.Of(into[..36]));
    }

    /// <summary>False when no commit of the file with this salt begins here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, ulong salt, out FrameHeader header)
    {
        header = default;
        if (from.Length < Bytes
            || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(from[36..]) != Checksum.Of(from[..36]))
        {
            return false;
        }

        header = new FrameHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(from[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[28..]));
        return header.Salt == salt && header.BodyBytes >= 0 && header.ContentBytes >= 0;
    }
}
