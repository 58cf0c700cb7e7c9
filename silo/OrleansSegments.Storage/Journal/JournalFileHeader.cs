using System.Buffers.Binary;

namespace OrleansSegments.Storage.Journal;

/// <summary>The first page of a journal file.</summary>
/// <param name="Version">Of the format; 1 was <c>journal.db</c>.</param>
/// <param name="FirstCommit">The number of the first commit in the file; whatever an older file says of it and of later ones is void.</param>
/// <param name="Salt">Random, anew for each use of the file.</param>
internal readonly record struct JournalFileHeader(int Version, uint FileNumber, long FirstCommit, ulong Salt)
{
    public const int VersionKnown = 2;
    public const int Bytes = FrameHeader.Alignment;
    public const int VersionOffset = 24;

    private const int CheckedBytes = 48;

    private static ReadOnlySpan<byte> Magic => "OrleansSegments journal\0"u8;

    public void Write(Span<byte> into)
    {
        into[..Bytes].Clear();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteInt32LittleEndian(into[VersionOffset..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(into[28..], FileNumber);
        BinaryPrimitives.WriteInt64LittleEndian(into[32..], FirstCommit);
        BinaryPrimitives.WriteUInt64LittleEndian(into[40..], Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(into[CheckedBytes..], Checksum.Of(into[..CheckedBytes]));
    }

    /// <summary>False when this is no journal file's first page, or a damaged one; of a later version only the version is read.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, out JournalFileHeader header)
    {
        header = default;
        if (from.Length < Bytes || !from.StartsWith(Magic))
        {
            return false;
        }

        header = new JournalFileHeader(
            BinaryPrimitives.ReadInt32LittleEndian(from[VersionOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[28..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[40..]));
        return header.Version > VersionKnown
            || BinaryPrimitives.ReadUInt32LittleEndian(from[CheckedBytes..]) == Checksum.Of(from[..CheckedBytes]);
    }
}
