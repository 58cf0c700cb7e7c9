using System.Text;

namespace OrleansSegments.Storage.Customers;

/// <summary>Validation of ids and changes, and the order in which they are stored and paged.</summary>
internal static class CustomerId
{
    public const int LengthMax = 255;

    /// <summary>Maximum length of an id in UTF-8 bytes.</summary>
    public const int Utf8BytesMax = 3 * LengthMax;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Ordinal order of the UTF-8 bytes: RocksDB's key order, and code point order.</summary>
    public static IComparer<string> Order { get; } = Comparer<string>.Create(Compare);

    /// <exception cref="ArgumentException">Thrown when the id is empty, too long, or contains a lone surrogate: two such ids would map to
    /// one row.</exception>
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

    /// <exception cref="ArgumentException">Thrown when the change can never be stored.</exception>
    public static void ThrowIfUnfit(CustomerChange change)
    {
        ThrowIfUnfit(change.CustomerId);
        ArgumentOutOfRangeException.ThrowIfLessThan(change.Record.Version, 1);
        foreach (var entry in change.Traits)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(Encoding.UTF8.GetByteCount(entry.Trait), byte.MaxValue);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(entry.Value.Length, TraitEntry.ValueLengthMax);
        }
    }

    public static int Compare(string? left, string? right) => CustomerIdOrder.Compare(left, right);
}
