namespace OrleansSegments.Tools.Imports;

/// <summary>
/// What became of the lines of one file, up to the event last handed out. Not safe for use from several threads at once.
/// Remembers each customer id once: about 80 bytes a customer.
/// </summary>
public sealed class ImportCounters
{
    /// <summary>The longest customer id that is accepted, in UTF-16 characters.</summary>
    internal const int CustomerIdLengthMax = 255;

    private readonly HashSet<string> _customers = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, long> _linesSkipped = new(StringComparer.Ordinal);

    /// <summary>Data lines, without the header.</summary>
    public long LinesRead { get; internal set; }

    /// <summary>Lines that are no part of a transaction or other event of their own, by reason, in the order in which the reasons first came up.</summary>
    public IReadOnlyDictionary<string, long> LinesSkipped => _linesSkipped;

    /// <summary>All skipped lines together.</summary>
    public long LinesSkippedTotal { get; private set; }

    /// <summary>Events handed out, of every kind.</summary>
    public long EventsMade { get; internal set; }

    /// <summary>Completed orders among the events.</summary>
    public long Orders { get; internal set; }

    /// <summary>Refunded orders among the events.</summary>
    public long Refunds { get; internal set; }

    /// <summary>Orders and refunds.</summary>
    public long Transactions => Orders + Refunds;

    /// <summary>Different customers on lines that parse, also those whose lines were all skipped for another reason.</summary>
    public int Customers => _customers.Count;

    internal void Skip(string reason)
    {
        LinesSkippedTotal++;
        _linesSkipped[reason] = _linesSkipped.GetValueOrDefault(reason) + 1;
    }

    /// <returns>The same object for the same customer; null when the id is too long to be one.</returns>
    internal string? CountCustomer(string id)
    {
        if (id.Length > CustomerIdLengthMax)
            return null;
        if (_customers.TryGetValue(id, out var known))
            return known;

        _customers.Add(id);
        return id;
    }
}

/// <summary>Why a line made no event, where the API's rejections have no word for it. The words are what the user reads in the summary.</summary>
public static class SkipReasons
{
    public const string BlankLine = "blank line";
    public const string LineTooLong = "line too long";
    public const string DoesNotParse = "does not parse";
    public const string NoCustomer = "no customer";
    public const string CustomerIdTooLong = "customer id too long";
    public const string NotInTimeOrder = "not in time order";
    /// <summary>Before 1970, or years after the lines before it.</summary>
    public const string ImplausibleTime = "implausible time";
    public const string TooManyPending = "too many lines within one hour";

    public const string BadDebtAdjustment = "bad-debt adjustment";
    public const string UnknownInvoiceKind = "unknown kind of invoice";
    public const string ZeroPriceOrQuantity = "zero price or quantity";
    public const string NegativePrice = "negative price";
    public const string ImplausiblePrice = "implausible price";
    public const string OrderedLessThanZero = "negative quantity on an order";
    public const string CancelledMoreThanZero = "positive quantity on a cancellation";
}
