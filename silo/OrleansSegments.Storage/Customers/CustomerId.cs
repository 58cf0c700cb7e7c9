using System.Text;

namespace OrleansSegments.Storage.Customers;

/// <summary>What an id must be to be stored, and the order in which ids are stored and paged.</summary>
internal static class CustomerId
{
    public const int LengthMax = 255;

    /// <summary>The most bytes that an id takes in UTF-8.</summary>
    public const int Utf8BytesMax = 3 * LengthMax;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Ordinal order of the UTF-8 bytes, which is SQLite's binary collation and the order of code points.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(Compare);

    /// <exception cref="ArgumentException">Empty, too long, or half of a surrogate pair: two such ids would become one row.</exception>
    public static void ThrowIfUnfit(string customerId)
    {
        ArgumentException.ThrowIfNullOrEmpty(customerId);
        if (customerId.Length > LengthMax)
        {
            throw new ArgumentException($"A customer's id has {customerId.Length} characters; it must have 1 to {LengthMax}.", nameof(customerId));
        }

        foreach (var character in customerId.AsSpan())
        {
            if (char.IsSurrogate(character))
            {
                Strict.GetByteCount(customerId);
                return;
            }
        }
    }

    public static int Compare(string? left, string? right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (left is null || right is null || common == left.Length || common == right.Length)
        {
            return (left?.Length ?? 0) - (right?.Length ?? 0);
        }

        return Weight(left[common]) - Weight(right[common]);
    }

    /// <summary>Orders single characters: UTF-16 puts surrogate pairs below U+E000 to U+FFFF, UTF-8 above.</summary>
    public static ushort Weight(char unit) => (ushort)(unit < 0xD800 ? unit : unit < 0xE000 ? unit + 0x2000 : unit - 0x800);
}
