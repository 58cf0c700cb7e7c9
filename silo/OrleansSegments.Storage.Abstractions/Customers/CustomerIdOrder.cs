namespace OrleansSegments.Storage.Customers;

/// <summary>The order in which stores page customers: ordinal by UTF-8 bytes, which is code point order.</summary>
public static class CustomerIdOrder
{
    public static int Compare(string? left, string? right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (left is null || right is null || common == left.Length || common == right.Length)
        {
            return (left?.Length ?? 0) - (right?.Length ?? 0);
        }

        return Weight(left[common]) - Weight(right[common]);
    }

    // UTF-16 sorts surrogate pairs below U+E000 to U+FFFF, UTF-8 above.
    private static ushort Weight(char unit) => (ushort)(unit < 0xD800 ? unit : unit < 0xE000 ? unit + 0x2000 : unit - 0x800);
}
