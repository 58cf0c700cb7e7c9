using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// What became of the lines of one file, up to the event last handed out. Not safe for use from several threads at once.
/// Remembers each customer id once: about 80 bytes a customer.
/// </summary>
public sealed class ImportCounters
{
    /// <summary>The longest customer id that is accepted, in UTF-16 characters.</summary>
    internal const int CustomerIdLengthMax = 255;

    /// <summary>Skipped lines that are shown when there are too many of them.</summary>
    private const int ShownMax = 3;

    /// <summary>Different names of events that are counted; a file that has more has them by mistake.</summary>
    private const int NamesMax = 1_000;

    private readonly HashSet<string> _customers = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, long> _linesSkipped = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, SkippedLine> _examples = new(StringComparer.Ordinal);
    private readonly List<SkippedLine> _first = new(ShownMax);
    private readonly Dictionary<(EventKind Kind, string? Name), long> _events = [];

    /// <summary>Records without the header: rows, events, blank lines. One that extends over several lines of the file counts as one.</summary>
    public long LinesRead { get; internal set; }

    /// <summary>Lines that are no part of a transaction or other event of their own, by reason, in the order in which the reasons first came up.</summary>
    public IReadOnlyDictionary<string, long> LinesSkipped => _linesSkipped;

    /// <summary>The first line skipped for each reason.</summary>
    internal IReadOnlyCollection<SkippedLine> Examples => _examples.Values;

    /// <summary>All skipped lines together.</summary>
    public long LinesSkippedTotal { get; private set; }

    /// <summary>True when the file was read to its end.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>More than half of the lines were skipped; blank ones do not matter.</summary>
    public bool SkippedMost => 2 * (LinesSkippedTotal - Blank) > LinesRead - Blank;

    /// <summary>Events handed out, of every kind.</summary>
    public long EventsMade { get; private set; }

    /// <summary>Events handed out by kind and name.</summary>
    internal IReadOnlyDictionary<(EventKind Kind, string? Name), long> Events => _events;

    /// <summary>Completed orders among the events.</summary>
    public long Orders { get; private set; }

    /// <summary>Refunded orders among the events.</summary>
    public long Refunds { get; private set; }

    /// <summary>Orders and refunds.</summary>
    public long Transactions => Orders + Refunds;

    /// <summary>Different customers on lines that parse, also those whose lines were all skipped for another reason.</summary>
    public int Customers => _customers.Count;

    private long Blank => _linesSkipped.GetValueOrDefault(SkipReasons.BlankLine);

    /// <summary>The first skipped lines, one in a line of text, with what is wrong in them.</summary>
    internal string ShowFirst() => string.Join(Environment.NewLine, _first.Select(line => $"  {line}"));

    /// <param name="field">The column or field that is wrong; empty when it is the whole line.</param>
    internal void Skip(string reason, long line, string field = "", string value = "")
    {
        LinesSkippedTotal++;
        _linesSkipped[reason] = _linesSkipped.GetValueOrDefault(reason) + 1;
        var isNew = !_examples.ContainsKey(reason);
        var isShown = _first.Count < ShownMax && reason != SkipReasons.BlankLine;
        if (!isNew && !isShown)
            return;

        var skipped = new SkippedLine(reason, line, field, ImportException.Printable(value));
        if (isNew)
            _examples.Add(reason, skipped);
        if (isShown)
            _first.Add(skipped);
    }

    internal void Made(CustomerEvent made)
    {
        EventsMade++;
        Orders += made.Name == "Order Completed" ? 1 : 0;
        Refunds += made.Name == "Order Refunded" ? 1 : 0;
        var key = (made.Kind, made.Kind == EventKind.Track ? made.Name : null);
        if (_events.TryGetValue(key, out var count) || _events.Count < NamesMax)
            _events[key] = count + 1;
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

/// <summary>A line of which nothing was made.</summary>
/// <param name="Line">Counted from 1 with the header.</param>
/// <param name="Field">The column or field that is wrong; empty when it is the whole line.</param>
/// <param name="Value">What stands there.</param>
internal sealed record SkippedLine(string Reason, long Line, string Field, string Value)
{
    public override string ToString() =>
        Field.Length > 0 ? $"line {Line}: {Field} is '{Value}': {Reason}" : $"line {Line}: {Reason}{(Value.Length > 0 ? $": {Value}" : "")}";
}

/// <summary>Why a line made no event, where the API's rejections have no word for it. The words are what the user reads in the summary.</summary>
public static class SkipReasons
{
    public const string BlankLine = "blank line";
    public const string LineTooLong = "line too long";
    public const string DoesNotParse = "does not parse";
    public const string WrongColumnCount = "has another number of columns than the header";
    public const string NotUtf8 = "is not UTF-8";
    public const string NoNumber = "is not a number";
    public const string NoWholeNumber = "is not a whole number";
    public const string NoTime = "is not a time in the expected format";
    public const string NoCustomer = "no customer";
    public const string NoEventName = "no event name";
    public const string LeftOutByMap = "left out by the map";
    public const string CustomerIdTooLong = "customer id too long";
    public const string OrderUnknown = "no line of its order has both customer and time";

    /// <summary>Before 1970, or in the future.</summary>
    public const string ImplausibleTime = "implausible time";

    public const string BadDebtAdjustment = "bad-debt adjustment";
    public const string UnknownInvoiceKind = "unknown kind of invoice";
    public const string ZeroPriceOrQuantity = "zero price or quantity";
    public const string NegativePrice = "negative price";
    public const string ImplausiblePrice = "implausible price";
    public const string OrderedLessThanZero = "negative quantity on an order";
    public const string CancelledMoreThanZero = "positive quantity on a cancellation";
}
