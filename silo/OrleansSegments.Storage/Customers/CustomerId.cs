using System.Text;

namespace OrleansSegments.Storage.Customers;

/// <summary>What an id must be to be stored, and the order in which ids are stored and paged.</summary>
internal static class CustomerId
{
    public const int LengthMax = 255;

    /// <summary>The most bytes that an id takes in UTF-8.</summary>
    public const int Utf8BytesMax = 3 * LengthMax;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Ordinal order of the UTF-8 bytes, which is RocksDB's order of keys and the order of code points.</summary>
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

    public static int Compare(string? left, string? right) => CustomerIdOrder.Compare(left, right);
}
