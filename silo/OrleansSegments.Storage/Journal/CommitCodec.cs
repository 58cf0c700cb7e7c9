using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Unmerged;

namespace OrleansSegments.Storage.Journal;

/// <summary>
/// The bytes of one commit: header, bodies of records, content. The content is all that a start has to read: customers with the places and
/// checksums of their bodies, transitions, the totals after the commit (not deltas, so replaying twice changes nothing).
/// </summary>
internal static class CommitCodec
{
    /// <summary>Writes a commit that begins in a file at an offset, and notes in the draft where its bodies are.</summary>
    public static void Write(PayloadWriter writer, CommitDraft draft, SegmentTotals totalsAfter, long number, JournalFile file)
    {
        writer.Clear();
        writer.Reserve(FrameHeader.Bytes);
        var customers = draft.Customers;
        var records = draft.Records;
        for (var index = 0; index < customers.Length; index++)
        {
            if (records[index] is { } record)
            {
                customers[index].Body = WriteBody(writer, record, file);
            }
        }

        var contentStart = writer.Length;
        WriteContent(writer, draft.Content(totalsAfter));
        var content = writer.Written[contentStart..];
        var header = new FrameHeader(
            file.Salt, number, contentStart - FrameHeader.Bytes, content.Length, Checksum.Of(content));
        writer.Align(FrameHeader.Alignment);
        header.Write(writer.Written);
    }

    private static BodyLocation WriteBody(PayloadWriter writer, CustomerRecord record, JournalFile file)
    {
        var offset = writer.Length;
        var body = writer.Reserve(RecordBody.BytesOf(record));
        RecordBody.Write(record, body);
        return new BodyLocation(file.Number, (uint)(file.Length + offset), body.Length, Checksum.Of(body));
    }

    private static void WriteContent(PayloadWriter writer, CommitContent content)
    {
        writer.Write(content.Customers.Length);
        foreach (ref readonly var customer in content.Customers)
        {
            WriteCustomer(writer, in customer, content.KeyOf(in customer).Utf8);
        }

        writer.Write(content.Transitions.Count);
        for (var index = 0; index < content.Transitions.Count; index++)
        {
            WriteTransition(writer, content.Transitions[index]);
        }

        var totals = content.TotalsAfter;
        writer.Write(totals.Sequence);
        writer.Write(totals.LatestOccurredAtMilliseconds);
        writer.Write(totals.SizeBySegmentId.Count);
        foreach (var (segmentId, size) in totals.SizeBySegmentId)
        {
            writer.Write(segmentId);
            writer.Write(size);
        }
    }

    private static void WriteCustomer(PayloadWriter writer, ref readonly UnmergedCustomer customer, ReadOnlySpan<byte> id)
    {
        writer.Write(customer.IdBytes);
        writer.Write(id);
        writer.Write((byte)customer.Marks);
        writer.Write(customer.Version);
        writer.Write(customer.SegmentId);
        if ((customer.Marks & CustomerMarks.HasBase) != 0)
        {
            writer.Write(customer.BaseSegmentId);
        }

        if ((customer.Marks & CustomerMarks.HasDue) != 0)
        {
            writer.Write(customer.DueOrZero);
        }

        if (customer.HasBody)
        {
            writer.Write((int)customer.Body.Offset);
            writer.Write(customer.Body.Bytes);
            writer.Write((int)customer.Body.Checksum);
        }
    }

    private static void WriteTransition(PayloadWriter writer, Transition transition)
    {
        writer.Write(transition.Sequence);
        writer.Write(transition.CustomerId);
        writer.Write((byte)(transition.FromSegmentId is null ? 0 : 1));
        writer.Write(transition.FromSegmentId ?? 0);
        writer.Write(transition.ToSegmentId);
        writer.Write((byte)transition.Cause);
        writer.Write(transition.ModelVersion);
        writer.Write(transition.OccurredAtMilliseconds);
    }
}
