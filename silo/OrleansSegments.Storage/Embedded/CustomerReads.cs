using System.Text;
using OrleansSegments.Storage.Customers;
using RocksDbSharp;

namespace OrleansSegments.Storage.Embedded;

/// <summary>Reads of customers, one, some, and page by page.</summary>
internal static class CustomerReads
{
    public static CustomerRecord? Find(Database database, string customerId) =>
        database.Find(Keys.Customer(customerId, stackalloc byte[Keys.BytesMax]), database.Customers, RecordReader.Instance);

    public static IReadOnlyList<CustomerRecord?> FindMany(Database database, IReadOnlyList<string> customerIds) =>
        [.. database.FindMany([.. customerIds.Select(Encoding.UTF8.GetBytes)], database.Customers)
            .Select(static found => found.Value is { } stored ? CustomerRow.Record(stored) : null)];

    public static IReadOnlyList<StoredCustomer> Scan(Database database, (string? AfterId, int Limit) ask)
    {
        var page = new List<StoredCustomer>();
        using var rows = database.Scan(database.Customers, ReadSetup.Passing).From(After(ask.AfterId));
        while (page.Count < ask.Limit && rows.MoveNext())
        {
            page.Add(new StoredCustomer(Encoding.UTF8.GetString(rows.Key), CustomerRow.Record(rows.Value), CustomerRow.Of(rows.Value).DueOrNull));
        }

        return page;
    }

    public static IReadOnlyList<string> Members(Database database, (int SegmentId, string? AfterId, int Limit) ask)
    {
        var page = new List<string>();
        using var rows = database.Scan(database.Members, ReadSetup.Plain)
            .From(Keys.Member(ask.SegmentId, After(ask.AfterId), stackalloc byte[Keys.BytesMax]));
        while (page.Count < ask.Limit && rows.MoveNext() && Keys.SegmentOf(rows.Key) == ask.SegmentId)
        {
            page.Add(Encoding.UTF8.GetString(Keys.IdOfMember(rows.Key)));
        }

        return page;
    }

    // The next id in the order of bytes is the same with a zero byte behind it.
    private static byte[] After(string? id) => id is null ? [] : [.. Encoding.UTF8.GetBytes(id), 0];

    private sealed class RecordReader : ISpanDeserializer<CustomerRecord>
    {
        public static RecordReader Instance { get; } = new();

        public CustomerRecord Deserialize(ReadOnlySpan<byte> buffer) => CustomerRow.Record(buffer);
    }
}
