using System.Buffers.Binary;
using System.Text;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Embedded;

/// <summary>
/// Finds ids that cut the population into parts: places spread evenly between the first and the last id, each moved to the customer that comes next. Where ids are
/// dense in some places the parts differ in size; they need not be equal for the work to be right.
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

    /// <summary>The eight bytes of an id behind a prefix, as a number in their order.</summary>
    private static ulong Number(byte[] id, int at)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        id.AsSpan(at, Math.Min(sizeof(ulong), id.Length - at)).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
