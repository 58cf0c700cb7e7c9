using System.Collections.Frozen;
using OrleansSegments.Storage.Commits;
using OrleansSegments.Storage.Totals;
using OrleansSegments.Storage.Transitions;
using OrleansSegments.Storage.Unmerged;
using OrleansSegments.Storage.Versions;

namespace OrleansSegments.Storage.Journal;

/// <summary>Reads the content of commits; the buffers are used again for each.</summary>
internal sealed class ContentReader(IdHash hash)
{
    private UnmergedCustomer[] _customers = new UnmergedCustomer[1_024];

    /// <param name="bytes">The content, whose checksum was found right. The result points into it and into this.</param>
    /// <exception cref="InvalidDataException">It does not say what it should.</exception>
    public CommitContent Read(ReadOnlySpan<byte> bytes, uint fileNumber)
    {
        var reader = new PayloadReader(bytes);
        var customers = reader.ReadInt32();
        if (customers > _customers.Length)
        {
            _customers = new UnmergedCustomer[customers];
        }

        for (var index = 0; index < customers; index++)
        {
            ReadCustomer(ref reader, bytes.Length, fileNumber, out _customers[index]);
        }

        var transitions = new Transition[reader.ReadInt32()];
        for (var index = 0; index < transitions.Length; index++)
        {
            transitions[index] = ReadTransition(ref reader);
        }

        return new CommitContent(_customers.AsSpan(0, customers), bytes, transitions, ReadTotals(ref reader));
    }

    internal static Transition ReadTransition(ref PayloadReader reader)
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

    internal static SegmentTotals ReadTotals(ref PayloadReader reader)
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

    private void ReadCustomer(ref PayloadReader reader, int contentBytes, uint fileNumber, out UnmergedCustomer customer)
    {
        customer = default;
        customer.IdBytes = reader.ReadInt16();
        customer.IdStart = contentBytes - reader.Left;
        customer.Hash = hash.Of(reader.Take(customer.IdBytes));
        customer.Marks = (CustomerMarks)reader.ReadByte();
        customer.Version = reader.ReadInt64();
        customer.SegmentId = reader.ReadInt32();
        if ((customer.Marks & CustomerMarks.HasBase) != 0)
        {
            customer.BaseSegmentId = reader.ReadInt32();
        }

        if ((customer.Marks & CustomerMarks.HasDue) != 0)
        {
            customer.DueOrZero = reader.ReadInt64();
        }

        if (customer.HasBody)
        {
            customer.Body = new BodyLocation(fileNumber, (uint)reader.ReadInt32(), reader.ReadInt32(), (uint)reader.ReadInt32());
        }
    }
}
