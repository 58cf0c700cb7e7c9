using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Embedded;

/// <summary>The header of a log entry, before the customer's id; little-endian, fields in declaration order without gaps.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct TransitionRow
{
    /// <summary>The customer's previous transition; 0 for none.</summary>
    public long Previous;

    public long OccurredAt;
    public int From;
    public int To;
    public int ModelVersion;
    public byte Cause;
    public byte HasFrom;

    public static int Bytes => Unsafe.SizeOf<TransitionRow>();

    public static TransitionRow Of(ReadOnlySpan<byte> stored) => MemoryMarshal.Read<TransitionRow>(stored);

    public static Transition Transition(long sequence, ReadOnlySpan<byte> stored)
    {
        var row = Of(stored);
        return new Transition(
            sequence,
            Encoding.UTF8.GetString(stored[Bytes..]),
            row.HasFrom == 0 ? null : row.From,
            row.To,
            (TransitionCause)row.Cause,
            row.ModelVersion,
            row.OccurredAt);
    }

    public static ReadOnlySpan<byte> Write(Transition transition, long previous, Span<byte> buffer)
    {
        MemoryMarshal.Write(buffer, new TransitionRow
        {
            Previous = previous,
            OccurredAt = transition.OccurredAtMilliseconds,
            From = transition.FromSegmentId ?? 0,
            To = transition.ToSegmentId,
            ModelVersion = transition.ModelVersion,
            Cause = (byte)transition.Cause,
            HasFrom = transition.FromSegmentId is null ? (byte)0 : (byte)1,
        });
        return buffer[..(Bytes + Encoding.UTF8.GetBytes(transition.CustomerId, buffer[Bytes..]))];
    }
}
