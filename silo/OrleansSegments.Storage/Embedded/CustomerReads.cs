using System.Buffers.Binary;
using System.Text;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>Reads of customers: one, several, and in pages.</summary>
internal static class CustomerReads
{
    public static CustomerRecord? Find(Database database, string customerId) =>
        database.Find(Keys.Customer(customerId, stackalloc byte[Keys.BytesMax]), database.Customers, RecordReader.Instance);

    public static IReadOnlyList<CustomerRecord?> FindMany(Database database, IReadOnlyList<string> customerIds) =>
        [.. database.FindMany([.. customerIds.Select(Encoding.UTF8.GetBytes)], database.Customers)
            .Select(static found => found.Value is { } stored ? CustomerRow.Record(stored) : null)];

    public static IReadOnlyList<StoredCustomer> Scan(Database database, (string? AfterId, int Limit) ask) => Scan(database, ask, ReadSetup.Passing);

    public static IReadOnlyList<StoredCustomer> Scan(Database database, (string? AfterId, int Limit) ask, ReadOptions options)
    {
        var page = new List<StoredCustomer>();
        using var rows = database.Scan(database.Customers, options).From(After(ask.AfterId));
        while (page.Count < ask.Limit && rows.MoveNext())
        {
            page.Add(new StoredCustomer(Encoding.UTF8.GetString(rows.Key), CustomerRow.Record(rows.Value), CustomerRow.Of(rows.Value).DueOrNull));
        }

        return page;
    }

    public static IReadOnlyList<string> Members(Database database, (int SegmentId, string? AfterId, int Limit) ask) => Members(database, ask, ReadSetup.Plain);

    public static IReadOnlyList<string> Members(Database database, (int SegmentId, string? AfterId, int Limit) ask, ReadOptions options)
    {
        var page = new List<string>();
        using var rows = database.Scan(database.Members, options)
            .From(Keys.Member(ask.SegmentId, After(ask.AfterId), stackalloc byte[Keys.BytesMax]));
        while (page.Count < ask.Limit && rows.MoveNext() && Keys.SegmentOf(rows.Key) == ask.SegmentId)
        {
            page.Add(Encoding.UTF8.GetString(Keys.IdOfMember(rows.Key)));
        }

        return page;
    }

    public static IReadOnlyList<string> WithTrait(Database database, (string Trait, string Value, string? AfterId, int Limit) ask)
    {
        var page = new List<string>();
        Span<byte> buffer = stackalloc byte[2 * Keys.TraitBytesMax];
        var shared = Keys.Trait(ask.Trait, ask.Value, [], buffer[..Keys.TraitBytesMax]);
        using var rows = database.Scan(database.Traits, ReadSetup.Plain)
            .From(Keys.Trait(ask.Trait, ask.Value, After(ask.AfterId), buffer[Keys.TraitBytesMax..]));
        while (page.Count < ask.Limit && rows.MoveNext() && rows.Key.StartsWith(shared))
        {
            page.Add(Encoding.UTF8.GetString(rows.Key[shared.Length..]));
        }

        return page;
    }

    // The successor of an id in byte order is the id followed by a zero byte.
    private static byte[] After(string? id) => id is null ? [] : [.. Encoding.UTF8.GetBytes(id), 0];

    private sealed class RecordReader : ISpanDeserializer<CustomerRecord>
    {
        public static RecordReader Instance { get; } = new();

        public CustomerRecord Deserialize(ReadOnlySpan<byte> buffer) => CustomerRow.Record(buffer);
    }
}

/// <summary>
/// Finds ids that split the population: positions spread evenly between the first and the last id, each moved to the next existing
/// customer. Where ids are unevenly distributed the parts differ in size, which affects only their duration.
/// </summary>
internal static class CutReads
{
    private const int ProbesPerPart = 16;

    public static IReadOnlyList<string> Read(Database database, int parts)
    {
        using var rows = database.Scan(database.Customers, ReadSetup.Plain);
        if (!rows.From([]).MoveNext())
        {
            return [];
        }

        byte[] first = rows.Key.ToArray();
        using var end = database.Scan(database.Customers, ReadSetup.Plain);
        byte[] last = end.FromLast().MoveNext() ? end.Key.ToArray() : first;
        int common = first.AsSpan().CommonPrefixLength(last);
        var found = new SortedSet<string>(CustomerId.Order);
        (ulong low, ulong high) = (Number(first, common), Number(last, common));
        int probes = parts * ProbesPerPart;
        byte[] probe = [.. first[..common], .. new byte[sizeof(ulong)]];
        for (int number = 1; number < probes; number++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(probe.AsSpan(common), low + ((high - low) / (ulong)probes * (ulong)number));
            using var next = database.Scan(database.Customers, ReadSetup.Plain);
            if (next.From(probe).MoveNext())
            {
                found.Add(Encoding.UTF8.GetString(next.Key));
            }
        }

        found.Remove(Encoding.UTF8.GetString(last));
        string[] all = [.. found];
        return [.. Enumerable.Range(1, parts - 1).Select(part => part * all.Length / parts).Where(index => index < all.Length).Distinct().Select(index => all[index])];
    }

    /// <summary>The eight bytes of an id after a prefix, as a number with the same order.</summary>
    private static ulong Number(byte[] id, int at)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        id.AsSpan(at, Math.Min(sizeof(ulong), id.Length - at)).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}

/// <summary>
/// Reads of the transition log. The single commit thread assigns sequences in the order in which commits become visible, so a cursor never
/// passes a transition that appears later.
/// </summary>
internal static class TransitionReads
{
    /// <param name="ask">Nothing after <c>Last</c> is read: the totals do not include it yet.</param>
    public static IReadOnlyList<Transition> After(Database database, (long AfterSequence, long Last, int Limit) ask)
    {
        var page = new List<Transition>();
        using var log = database.Scan(database.Transitions, ReadSetup.Plain)
            .From(Keys.Transition(ask.AfterSequence + 1, stackalloc byte[Keys.BytesMax]));
        while (page.Count < ask.Limit && log.MoveNext() && Keys.NumberOf(log.Key) <= ask.Last)
        {
            page.Add(TransitionRow.Transition(Keys.NumberOf(log.Key), log.Value));
        }

        return page;
    }

    /// <param name="ask">The totals include everything before <c>BeforeSequence</c>.</param>
    public static IReadOnlyList<Transition> Before(Database database, (long BeforeSequence, int Limit) ask)
    {
        var page = new List<Transition>();
        using var log = database.Scan(database.Transitions, ReadSetup.Plain)
            .UpTo(Keys.Transition(ask.BeforeSequence - 1, stackalloc byte[Keys.BytesMax]));
        while (page.Count < ask.Limit && log.MoveBack())
        {
            page.Add(TransitionRow.Transition(Keys.NumberOf(log.Key), log.Value));
        }

        return page;
    }

    /// <summary>Follows the links from the customer's row to its newest transition, and from each to the previous one.</summary>
    public static IReadOnlyList<Transition> Of(Database database, (string CustomerId, int Limit) ask)
    {
        var page = new List<Transition>();
        Span<byte> buffer = stackalloc byte[Keys.BytesMax];
        var row = database.Find(Keys.Customer(ask.CustomerId, buffer), database.Customers);
        var next = row is null ? 0 : CustomerRow.Of(row).LastTransition;
        while (next != 0 && page.Count < ask.Limit)
        {
            var stored = database.Find(Keys.Transition(next, buffer), database.Transitions)
                ?? throw new StoreException($"The log lacks transition {next} of customer {ask.CustomerId}: restore the data folder from a copy.");
            page.Add(TransitionRow.Transition(next, stored));
            next = TransitionRow.Of(stored).Previous;
        }

        return page;
    }
}
