using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// Online Retail II (Chen 2019, UCI 10.24432/C5CG6D): invoice lines of a gift shop in the United Kingdom. An invoice becomes an
/// Order Completed, a cancellation (number with a leading C) an Order Refunded, each at the time of its first line and with its
/// products; a customer is identified with the country before the first event, and again when the country changes. Three customers
/// have nothing but lines at no price: they are identified and nothing else, so that every customer of the file exists.
/// </summary>
internal sealed class OnlineRetailReader : IDataSetReader
{
    private const int LineBytesMax = 8192;
    private const decimal PriceMax = 1_000_000_000m;

    public string Name => "online-retail-ii";

    public string Description =>
        "Online Retail II (UCI): CSV of invoice lines in order of time; an invoice is an Order Completed, a cancelled one an Order Refunded. "
        + "Times are local in the United Kingdom and are taken as UTC.";

    public IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters)
    {
        using var lines = new Utf8LineReader(source, LineBytesMax);
        using var invoices = new RetailInvoices();
        var countries = new RetailCountries();
        var countryOf = new Dictionary<string, string>(StringComparer.Ordinal);
        CheckHeader(source, lines);
        var hasMore = true;
        while (hasMore)
        {
            hasMore = lines.MoveNext();
            if (hasMore)
                Take(lines, invoices, counters);

            while (invoices.TakeComplete(!hasMore) is { } invoice)
            {
                var (traits, context) = countries[invoice.Country];
                if (!countryOf.TryGetValue(invoice.CustomerId, out var country) || country != invoice.Country)
                {
                    countryOf[invoice.CustomerId] = invoice.Country;
                    counters.EventsMade++;
                    yield return new ReplayEvent(Identify(invoice, traits, context), invoice.Line);
                }

                var line = invoice.Line;
                var transaction = Finish(invoice, context, counters);
                invoices.Return(invoice);
                if (transaction is not null)
                    yield return new ReplayEvent(transaction, line);
            }
        }

        if (counters.LinesRead == 0)
            throw ImportSource.Empty(source.Name);
    }

    private static void CheckHeader(ImportSource source, Utf8LineReader lines)
    {
        if (!lines.MoveNext())
            throw ImportSource.Empty(source.Name);
        if (RetailLine.IsHeader(lines.Current))
            return;

        throw ImportException.WrongHeader(
            source.Name,
            lines.Current,
            "online-retail-ii begins with InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country");
    }

    private static void Take(Utf8LineReader lines, RetailInvoices invoices, ImportCounters counters)
    {
        counters.LinesRead++;
        var reason = Examine(lines, counters, out var line);
        if (reason is null)
        {
            var nonsense = Nonsense(line!);
            reason = invoices.Add(line!, lines.Number, lines.Current.Length, sells: nonsense is null);
            reason = nonsense ?? reason;
        }

        if (reason is not null)
            counters.Skip(reason);
    }

    /// <returns>Null, or the reason why nothing can be made of the line.</returns>
    private static string? Examine(Utf8LineReader lines, ImportCounters counters, out RetailLine? line)
    {
        line = null;
        if (lines.IsTooLong)
            return SkipReasons.LineTooLong;
        if (lines.Current.IsEmpty)
            return SkipReasons.BlankLine;
        line = RetailLine.Parse(lines.Current);
        if (line is null)
            return SkipReasons.DoesNotParse;
        if (line.CustomerId.Length == 0)
            return SkipReasons.NoCustomer;

        return counters.CountCustomer(line.CustomerId) is null ? SkipReasons.CustomerIdTooLong : null;
    }

    /// <returns>Null, or the reason why the line is no part of an order or refund.</returns>
    private static string? Nonsense(RetailLine line) => line switch
    {
        { IsBadDebt: true } => SkipReasons.BadDebtAdjustment,
        { IsOrder: false, IsCancellation: false } => SkipReasons.UnknownInvoiceKind,
        { UnitPrice: 0 } or { Quantity: 0 } => SkipReasons.ZeroPriceOrQuantity,
        { UnitPrice: < 0 } => SkipReasons.NegativePrice,
        { UnitPrice: > PriceMax } => SkipReasons.ImplausiblePrice,
        { IsOrder: true, Quantity: < 0 } => SkipReasons.OrderedLessThanZero,
        { IsCancellation: true, Quantity: > 0 } => SkipReasons.CancelledMoreThanZero,
        _ => null,
    };

    private static CustomerEvent? Finish(RetailInvoice invoice, byte[] context, ImportCounters counters)
    {
        if (!invoice.HasProducts)
            return null;

        counters.EventsMade++;
        counters.Orders += invoice.IsRefund ? 0 : 1;
        counters.Refunds += invoice.IsRefund ? 1 : 0;
        return invoice.Finish(context);
    }

    private static CustomerEvent Identify(RetailInvoice invoice, byte[] traits, byte[] context) =>
        new(invoice.CustomerId, $"{invoice.MessageId}-identify", EventKind.Identify, Name: null, invoice.OccurredAtMilliseconds, traits, context);
}
