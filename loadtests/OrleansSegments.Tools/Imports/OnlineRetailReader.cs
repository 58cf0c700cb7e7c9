using System.Text.Json;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// Online Retail II (Chen 2019, UCI 10.24432/C5CG6D): invoice lines of a gift shop in the United Kingdom, in any order. An invoice becomes an
/// Order Completed, a cancellation (number with a leading C) an Order Refunded, each at the time of its first line and with its
/// products; a customer is identified with the country before the first event, and again when the country changes. Three customers
/// have nothing but lines at no price: they are identified and nothing else, so that every customer of the file exists.
/// </summary>
internal sealed class OnlineRetailReader : IDataSetReader
{
    private const decimal PriceMax = 1_000_000_000m;
    private const decimal QuantityMax = int.MaxValue;
    private const int InvoiceNumberLengthMax = 32;

    /// <summary>Lines of one invoice are up to nine minutes apart; numbers that come back later are other invoices.</summary>
    private static readonly TimeSpan SameInvoiceWithin = TimeSpan.FromHours(1);

    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    /// <summary>The second is how the publisher's first workbook prints its times: month first, without leading zeros.</summary>
    private static readonly CellTime Times = new([CellTime.IsoName, "M/d/yyyy H:mm"], TimeZoneInfo.Utc);

    public string Name => "online-retail-ii";

    public string Description =>
        "Online Retail II (UCI): CSV of invoice lines, in any order; an invoice is an Order Completed, a cancelled one an Order Refunded. "
        + "Columns are found by name. Times such as 2010-12-31 08:26 or 12/31/2010 8:26 are local in the United Kingdom and taken as UTC; for other forms use csv and a map.";

    public IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters)
    {
        using var table = new TableReader(source, counters);
        using var events = new TableEvents(Name, source, counters, SameInvoiceWithin);
        var columns = Columns.Of(table, source);
        var countries = new Dictionary<string, (byte[] Traits, byte[] Context)>(StringComparer.Ordinal);
        var latest = TimeProvider.System.GetUtcNow().Add(AheadMax).ToUnixTimeMilliseconds();
        while (table.MoveNext())
        {
            if (Examine(table, columns, counters, countries, latest) is { } row)
                events.Hold(row);
        }

        if (counters.LinesRead == 0)
            throw ImportSource.Empty(source.Name);
        foreach (var made in events.Release())
            yield return made;
    }

    /// <returns>Null when nothing can be made of the line; it is counted then.</returns>
    private static RowEvent? Examine(
        TableReader table, Columns columns, ImportCounters counters, Dictionary<string, (byte[] Traits, byte[] Context)> countries, long latest)
    {
        var invoice = CellText.Id(table[columns.Invoice]);
        var isRefund = invoice.StartsWith('C') || invoice.StartsWith('c');
        var hasComma = table.Delimiter == ';';
        if (invoice.Length is 0 or > InvoiceNumberLengthMax)
            return Skipped(table, SkipReasons.DoesNotParse, columns.Invoice);
        if (!CellText.TryNumber(table[columns.Quantity], hasComma, out var quantity) || quantity != decimal.Truncate(quantity) || Math.Abs(quantity) > QuantityMax)
            return Skipped(table, SkipReasons.NoWholeNumber, columns.Quantity);
        if (IsAmbiguous(table[columns.Date]) || !Times.TryRead(table[columns.Date], out var time))
            return Skipped(table, SkipReasons.NoTime, columns.Date);
        if (!CellText.TryNumber(table[columns.Price], hasComma, out var price))
            return Skipped(table, SkipReasons.NoNumber, columns.Price);
        if (table[columns.Customer].Length == 0)
            return Skipped(table, SkipReasons.NoCustomer, columns.Customer);
        if (counters.CountCustomer(CellText.Id(table[columns.Customer])) is not { } customer)
            return Skipped(table, SkipReasons.CustomerIdTooLong, columns.Customer);
        if (time <= 0 || time > latest)
            return Skipped(table, SkipReasons.ImplausibleTime, columns.Date);

        var nonsense = Nonsense(invoice, isRefund, quantity, price, columns, out var column);
        if (nonsense is not null)
            table.Skip(nonsense, column);

        quantity = Math.Abs(quantity);
        var (traits, context) = Country(countries, table[columns.Country]);
        return new RowEvent
        {
            Event = isRefund ? TableEvents.Refunded : TableEvents.Completed,
            Customer = customer,
            Time = time,
            Line = table.Line,
            Order = isRefund ? invoice[1..] : invoice,
            Product = nonsense is null ? new RowProduct(table[columns.Product], table.Raw(columns.Description), price, quantity) : null,
            Amount = nonsense is null ? quantity * price : null,
            Happened = nonsense is null,
            Traits = traits,
            Context = context,
        };
    }

    /// <summary>With leading zeros it is not the publisher's form, and the day may come first.</summary>
    private static bool IsAmbiguous(string time) =>
        time.Contains('/', StringComparison.Ordinal) && time.Split('/', ' ').Any(part => part.Length == 2 && part[0] == '0');

    private static RowEvent? Skipped(TableReader table, string reason, int column)
    {
        table.Skip(reason, column);
        return null;
    }

    /// <returns>Null, or the reason why the line is no part of an order or refund.</returns>
    private static string? Nonsense(string invoice, bool isRefund, decimal quantity, decimal price, in Columns columns, out int column)
    {
        column = columns.Invoice;
        if (invoice[0] == 'A')
            return SkipReasons.BadDebtAdjustment;
        if (!isRefund && !char.IsAsciiDigit(invoice[0]))
            return SkipReasons.UnknownInvoiceKind;

        column = price == 0 || price < 0 || price > PriceMax ? columns.Price : columns.Quantity;
        return price == 0 || quantity == 0 ? SkipReasons.ZeroPriceOrQuantity
            : price < 0 ? SkipReasons.NegativePrice
            : price > PriceMax ? SkipReasons.ImplausiblePrice
            : !isRefund && quantity < 0 ? SkipReasons.OrderedLessThanZero
            : isRefund && quantity > 0 ? SkipReasons.CancelledMoreThanZero
            : null;
    }

    /// <summary>The JSON that says where a customer lives, made once for each country.</summary>
    private static (byte[] Traits, byte[] Context) Country(Dictionary<string, (byte[] Traits, byte[] Context)> known, string country)
    {
        // More than there are: a damaged file must not fill the memory.
        const int rememberedMax = 1024;
        if (known.TryGetValue(country, out var documents))
            return documents;

        var quoted = JsonSerializer.SerializeToUtf8Bytes(country);
        documents = country is "" or "Unspecified"
            ? ("{}"u8.ToArray(), [])
            : ([.. "{\"address\":{\"country\":"u8, .. quoted, .. "}}"u8], [.. "{\"location\":{\"country\":"u8, .. quoted, .. "}}"u8]);
        if (known.Count < rememberedMax)
            known.Add(country, documents);
        return documents;
    }

    private readonly record struct Columns(int Invoice, int Product, int Description, int Quantity, int Date, int Price, int Customer, int Country)
    {
        /// <summary>The columns under the names of this repository's conversion, or of the publisher's own workbook.</summary>
        public static Columns Of(TableReader table, ImportSource source)
        {
            var columns = new Columns(
                table.Find("InvoiceNo", "Invoice"), table.Find("StockCode"), table.Find("Description"), table.Find("Quantity"),
                table.Find("InvoiceDate"), table.Find("UnitPrice", "Price"), table.Find("CustomerID"), table.Find("Country"));
            if (columns is { Invoice: >= 0, Product: >= 0, Description: >= 0, Quantity: >= 0, Date: >= 0, Price: >= 0, Customer: >= 0, Country: >= 0 })
                return columns;

            throw ImportException.WrongHeader(
                source.Name,
                table.HeaderLine,
                "online-retail-ii begins with InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country in any order, also as Invoice, Price and Customer ID");
        }
    }
}
