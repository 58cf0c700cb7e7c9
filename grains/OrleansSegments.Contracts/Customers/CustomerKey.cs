namespace OrleansSegments.Contracts.Customers;

/// <summary>
/// Grain keys of customers. The prefix is there because AdoNet providers read keys that look like hexadecimal numbers as numbers,
/// so that "7" and "007" would be one customer.
/// </summary>
public static class CustomerKey
{
    /// <summary>The longest customer id that is taken, in UTF-16 units.</summary>
    public const int CustomerIdLengthMax = 255;

    private const string Prefix = "c:";

    public static string Of(string customerId) => Prefix + customerId;

    public static string CustomerIdOf(string grainKey) => grainKey[Prefix.Length..];

    /// <summary>The customer's id; of a key that is no customer's, the key.</summary>
    public static string CustomerIdOrKey(string grainKey) => grainKey.StartsWith(Prefix, StringComparison.Ordinal) ? CustomerIdOf(grainKey) : grainKey;
}
