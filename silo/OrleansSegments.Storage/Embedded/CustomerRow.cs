using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// What stands before the state in a customer's row, little-endian, fields in their order without gaps.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct CustomerRow
{
    /// <summary>Stands for no deadline.</summary>
    public const long Never = long.MaxValue;

    /// <summary>0 stands for a customer who does not exist; no row has it.</summary>
    public long Version;

    /// <summary>The newest transition of this customer; 0 for none.</summary>
    public long LastTransition;

    /// <summary>When the passing of time changes the segment, or <see cref="Never"/>.</summary>
    public long Due;

    /// <summary>
    /// Where the index of deadlines has the customer: at <see cref="Due"/> or earlier, or <see cref="Never"/>. The usual change moves a deadline
    /// later and leaves the index alone; whoever reads deadlines mends what was listed too early.
    /// </summary>
    public long Listed;

    public long SegmentSince;
    public int SegmentId;
    public int ModelVersion;
    public int SettledSegmentId;
    public int SettledHour;

    public static int Bytes => Unsafe.SizeOf<CustomerRow>();

    /// <summary>The row of nobody.</summary>
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

    /// <summary>Takes over all that a record says; what the store adds stays.</summary>
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
