using System.Collections.Frozen;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Storage.Journal;

/// <summary>
/// The journal's payload of one commit: format, entries, transitions, the totals after it (not deltas, so replaying twice changes nothing),
/// checksum.
/// </summary>
internal static class CommitCodec
{
    private const byte Format = 1;
    private const byte HasRecord = 1;
    private const byte HasDue = 2;
    private const byte HasBase = 4;

    public static void Write(PayloadWriter writer, ReadOnlySpan<CommitEntry> entries, IReadOnlyList<Transition> transitions, SegmentTotals totals)
    {
        writer.Clear();
        writer.Write(Format);
        writer.Write(entries.Length);
        foreach (ref readonly var entry in entries)
        {
            WriteEntry(writer, in entry);
        }

        writer.Write(transitions.Count);
        foreach (var transition in transitions)
        {
            WriteTransition(writer, transition);
        }

        writer.Write(totals.Sequence);
        writer.Write(totals.LatestOccurredAtMilliseconds);
        writer.Write(totals.SizeBySegmentId.Count);
        foreach (var (segmentId, size) in totals.SizeBySegmentId)
        {
            writer.Write(segmentId);
            writer.Write(size);
        }

        writer.WriteChecksum();
    }

    /// <exception cref="InvalidDataException">The payload is damaged or of a later format.</exception>
    public static CommittedChanges Read(long commitNumber, ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        var format = reader.ReadByte();
        if (format != Format)
        {
            throw new InvalidDataException($"a commit has format {format}; this version reads format {Format}");
        }

        var entries = new CommitEntry[reader.ReadInt32()];
        for (var index = 0; index < entries.Length; index++)
        {
            entries[index] = ReadEntry(ref reader);
        }

        var transitions = new Transition[reader.ReadInt32()];
        for (var index = 0; index < transitions.Length; index++)
        {
            transitions[index] = ReadTransition(ref reader);
        }

        return new CommittedChanges(commitNumber, entries, transitions, ReadTotals(ref reader));
    }

    private static void WriteEntry(PayloadWriter writer, ref readonly CommitEntry entry)
    {
        writer.Write(entry.CustomerId);
        writer.Write((byte)((entry.Record is null ? 0 : HasRecord)
            | (entry.DueAtMilliseconds is null ? 0 : HasDue)
            | (entry.BaseSegmentId is null ? 0 : HasBase)));
        writer.Write(entry.Version);
        writer.Write(entry.SegmentId);
        if (entry.BaseSegmentId is { } baseSegmentId)
        {
            writer.Write(baseSegmentId);
        }

        if (entry.DueAtMilliseconds is { } due)
        {
            writer.Write(due);
        }

        if (entry.Record is { } record)
        {
            writer.Write(record.ModelVersion);
            writer.Write(record.SegmentSinceMilliseconds);
            writer.Write(record.SettledSegmentId);
            writer.Write(record.SettledHour);
            writer.Write(record.State);
        }
    }

    private static CommitEntry ReadEntry(ref PayloadReader reader)
    {
        var customerId = reader.ReadText();
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

        return new CommitEntry(customerId, record, version, segmentId, baseSegmentId, due);
    }

    private static void WriteTransition(PayloadWriter writer, Transition transition)
    {
        writer.Write(transition.Sequence);
        writer.Write(transition.CustomerId);
        writer.Write((byte)(transition.FromSegmentId is null ? 0 : HasBase));
        writer.Write(transition.FromSegmentId ?? 0);
        writer.Write(transition.ToSegmentId);
        writer.Write((byte)transition.Cause);
        writer.Write(transition.ModelVersion);
        writer.Write(transition.OccurredAtMilliseconds);
    }

    private static Transition ReadTransition(ref PayloadReader reader)
    {
        var sequence = reader.ReadInt64();
        var customerId = reader.ReadText();
        var hasFrom = reader.ReadByte() != 0;
        var from = reader.ReadInt32();
        return new Transition(
            sequence,
            customerId,
            hasFrom ? from : null,
            reader.ReadInt32(),
            (TransitionCause)reader.ReadByte(),
            reader.ReadInt32(),
            reader.ReadInt64());
    }

    private static SegmentTotals ReadTotals(ref PayloadReader reader)
    {
        var sequence = reader.ReadInt64();
        var latestOccurred = reader.ReadInt64();
        var sizes = new Dictionary<int, long>();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            sizes.Add(reader.ReadInt32(), reader.ReadInt64());
        }

        return new SegmentTotals(sequence, sizes.Values.Sum(), sizes.ToFrozenDictionary(), latestOccurred);
    }
}
