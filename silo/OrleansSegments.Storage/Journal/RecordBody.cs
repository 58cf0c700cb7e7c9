using System.Buffers.Binary;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Journal;

/// <summary>The part of a record that stands only in the journal until it is merged: a few numbers, then the state.</summary>
internal readonly ref struct RecordBody(ReadOnlySpan<byte> bytes)
{
    private const int FixedBytes = 20;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int ModelVersion => BinaryPrimitives.ReadInt32LittleEndian(_bytes);

    public long SegmentSinceMilliseconds => BinaryPrimitives.ReadInt64LittleEndian(_bytes[4..]);

    public int SettledSegmentId => BinaryPrimitives.ReadInt32LittleEndian(_bytes[12..]);

    public int SettledHour => BinaryPrimitives.ReadInt32LittleEndian(_bytes[16..]);

    public ReadOnlySpan<byte> State => _bytes[FixedBytes..];

    public static int BytesOf(CustomerRecord record) => FixedBytes + record.State.Length;

    public static void Write(CustomerRecord record, Span<byte> into)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, record.ModelVersion);
        BinaryPrimitives.WriteInt64LittleEndian(into[4..], record.SegmentSinceMilliseconds);
        BinaryPrimitives.WriteInt32LittleEndian(into[12..], record.SettledSegmentId);
        BinaryPrimitives.WriteInt32LittleEndian(into[16..], record.SettledHour);
        record.State.CopyTo(into[FixedBytes..]);
    }

    public CustomerRecord Of(ref readonly UnmergedCustomer customer) => new(
        customer.Version, customer.SegmentId, ModelVersion, SegmentSinceMilliseconds, SettledSegmentId, SettledHour, State.ToArray());
}
