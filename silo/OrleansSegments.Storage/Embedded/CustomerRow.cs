using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>The header of a customer's row, before the state; little-endian, fields in declaration order without gaps.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct CustomerRow
{
    /// <summary>Value for "no deadline".</summary>
    public const long Never = long.MaxValue;

    /// <summary>0 means that the customer does not exist; no stored row has it.</summary>
    public long Version;

    /// <summary>Sequence of this customer's newest transition; 0 for none.</summary>
    public long LastTransition;

    /// <summary>When time alone changes the segment, or <see cref="Never"/>.</summary>
    public long Due;

    /// <summary>
    /// The customer's position in the index of deadlines: at <see cref="Due"/> or earlier, or <see cref="Never"/>. Most changes move a
    /// deadline later and leave the index unchanged; readers of deadlines correct entries that are too early.
    /// </summary>
    public long Listed;

    public long SegmentSince;
    public int SegmentId;
    public int ModelVersion;
    public int SettledSegmentId;
    public int SettledHour;

    public static int Bytes => Unsafe.SizeOf<CustomerRow>();

    /// <summary>The row of a customer that does not exist.</summary>
    public static CustomerRow Absent => new() { Due = Never, Listed = Never };

    public readonly bool Exists => Version > 0;

    public readonly bool IsInPopulation => Exists && SegmentId != CustomerRecord.OutsideSegmentId;

    public readonly int? SegmentIdOrNull => Exists ? SegmentId : null;

    public readonly long? DueOrNull => Due == Never ? null : Due;

    public static CustomerRow Of(ReadOnlySpan<byte> stored) => MemoryMarshal.Read<CustomerRow>(stored);

    public static CustomerRecord Record(ReadOnlySpan<byte> stored)
    {
        var row = Of(stored);
        return new CustomerRecord(
            row.Version, row.SegmentId, row.ModelVersion, row.SegmentSince, row.SettledSegmentId, row.SettledHour, stored[Bytes..].ToArray());
    }

    /// <summary>Copies all fields of a record; the store's own fields are kept.</summary>
    public void Set(CustomerRecord record)
    {
        Version = record.Version;
        SegmentId = record.SegmentId;
        ModelVersion = record.ModelVersion;
        SegmentSince = record.SegmentSinceMilliseconds;
        SettledSegmentId = record.SettledSegmentId;
        SettledHour = record.SettledHour;
    }
}
