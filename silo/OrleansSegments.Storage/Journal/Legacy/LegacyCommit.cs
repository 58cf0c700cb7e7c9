using System.Buffers.Binary;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Journal.Legacy;

/// <summary>A row of <c>journal.db</c>: format, customers with their records, transitions, the totals after it, checksum.</summary>
internal static class LegacyCommit
{
    private const byte Format = 1;
    private const byte HasRecord = 1;
    private const byte HasDue = 2;
    private const byte HasBase = 4;

    private static readonly IdHash Hash = new(new byte[16]);

    /// <summary>Puts it into a draft and returns the totals after it.</summary>
    /// <exception cref="InvalidDataException">The payload is damaged or of a later format.</exception>
    public static SegmentTotals Read(ReadOnlySpan<byte> payload, CommitDraft draft)
    {
        if (payload.Length < 4 || Checksum.Lane(uint.MaxValue, payload[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(payload[^4..]))
        {
            throw new InvalidDataException("a commit's checksum does not fit its content");
        }

        var reader = new PayloadReader(payload[..^4]);
        var format = reader.ReadByte();
        if (format != Format)
        {
            throw new InvalidDataException($"a commit has format {format}; this version reads format {Format}");
        }

        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            ReadCustomer(ref reader, draft);
        }

        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            draft.Restore(ContentReader.ReadTransition(ref reader));
        }

        return ContentReader.ReadTotals(ref reader);
    }

    private static void ReadCustomer(ref PayloadReader reader, CommitDraft draft)
    {
        var utf8 = reader.Take(reader.ReadInt32());
        var flags = reader.ReadByte();
        var version = reader.ReadInt64();
        var segmentId = reader.ReadInt32();
        int? baseSegmentId = (flags & HasBase) != 0 ? reader.ReadInt32() : null;
        long? due = (flags & HasDue) != 0 ? reader.ReadInt64() : null;
        CustomerRecord? record = null;
        if ((flags & HasRecord) != 0)
        {
            record = new CustomerRecord(
                version, segmentId, reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadBytes());
        }

        draft.Restore(new IdKey(utf8, Hash.Of(utf8)), baseSegmentId, version, segmentId, due, record);
    }
}
