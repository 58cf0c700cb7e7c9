using System.Collections.Frozen;

namespace OrleansSegments.Engine.Features;

/// <summary>
/// Finds the name that is meant by a spelling: case, blanks and punctuation do not matter for the names of the retail vocabulary, of the
/// catalogue and of its aliases; "Completed Order", as old libraries say it, is "Order Completed". Other names are only trimmed.
/// </summary>
public sealed class EventNames
{
    private const int NameLengthMax = 255;

    /// <summary>The Segment specification's e-commerce, AI copilot and live chat events.</summary>
    private static readonly string[] Vocabulary =
    [
        "Products Searched", "Product List Viewed", "Product List Filtered", "Promotion Viewed", "Promotion Clicked", "Product Clicked", "Product Viewed",
        "Product Added", "Product Removed", "Cart Viewed", "Checkout Started", "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered",
        "Order Completed", "Order Updated", "Order Refunded", "Order Cancelled", "Coupon Entered", "Coupon Applied", "Coupon Denied", "Coupon Removed",
        "Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart", "Product Shared", "Cart Shared", "Product Reviewed",
        "Conversation Started", "Conversation Ended", "Message Sent", "Message Received", "Feedback Submitted", "Preference Stated",
        "Live Chat Conversation Started", "Live Chat Conversation Ended", "Live Chat Message Sent", "Live Chat Message Received", "Page Viewed", "Screen Viewed",
    ];

    private readonly FrozenDictionary<string, string> _bySpelling;

    internal EventNames(IEnumerable<string> ofCatalogue, CatalogueAliases aliases)
    {
        var spellings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (alias, name) in aliases.Events)
        {
            spellings.TryAdd(KeyOf(alias), name);
        }

        string[] names = [.. ofCatalogue, .. Vocabulary];
        foreach (var name in names)
        {
            spellings.TryAdd(KeyOf(name), name);
        }

        // The verb first, unless that is another name.
        foreach (var name in Vocabulary)
        {
            var verb = name.LastIndexOf(' ');
            spellings.TryAdd(KeyOf(name[verb..] + name[..verb]), name);
        }

        _bySpelling = spellings.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The known name that is meant, or the name itself without blanks around it.</summary>
    public string Of(string name)
    {
        Span<char> key = stackalloc char[NameLengthMax];
        return name.Length <= NameLengthMax
            && _bySpelling.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key[..WriteKey(name, key)], out var known) ? known : name.Trim();
    }

    private static string KeyOf(string name)
    {
        Span<char> key = new char[name.Length];
        return key[..WriteKey(name, key)].ToString();
    }

    private static int WriteKey(ReadOnlySpan<char> name, Span<char> key)
    {
        var length = 0;
        foreach (var letter in name)
        {
            // A slash is part of a name, as in orders/create.
            if (char.IsLetterOrDigit(letter) || letter == '/')
            {
                key[length++] = char.ToLowerInvariant(letter);
            }
        }

        return length;
    }
}
