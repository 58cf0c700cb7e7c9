using System.Buffers;
using System.Text.Json;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// CDNOW (Fader and Hardie): CD purchases of one cohort, master file or sample. Each line is one Order Completed; two of a customer
/// on one day stay two. The file is sorted by customer, so the transactions are sorted by day in memory, about 60 bytes each.
/// </summary>
internal sealed class CdnowReader : IDataSetReader
{
    /// <summary>Seventy times the master file.</summary>
    private const int TransactionsMax = 5_000_000;

    private const int LineBytesMax = 8192;

    public string Name => "cdnow";

    public string Description =>
        "CDNOW master file or sample: blank-separated purchases, sorted by day in memory; each is an Order Completed at midnight UTC. "
        + "In the sample the customer is the master's number, the first column.";

    public IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters)
    {
        var transactions = ReadAll(source, counters);
        transactions.Sort();

        var body = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        var previous = default(CdnowTransaction);
        var ordinal = 0;
        foreach (var transaction in transactions)
        {
            var isSameDay = transaction.CustomerId == previous.CustomerId && transaction.DayMilliseconds == previous.DayMilliseconds;
            ordinal = isSameDay ? ordinal + 1 : 1;
            previous = transaction;
            counters.EventsMade++;
            counters.Orders++;
            yield return new ReplayEvent(Order(transaction, ordinal, body, json), transaction.Line);
        }
    }

    private static List<CdnowTransaction> ReadAll(ImportSource source, ImportCounters counters)
    {
        using var lines = new Utf8LineReader(source, LineBytesMax);
        if (!lines.MoveNext())
            throw ImportSource.Empty(source.Name);

        var layout = CdnowLayout.Detect(lines.Current)
            ?? throw ImportException.WrongHeader(
                source.Name,
                lines.Current,
                "cdnow begins with the header customer_id date number_of_cds dollar_value (master file) "
                + "or with five numbers: master id, sample id, date yyyyMMdd, CDs, dollars (sample)");

        var transactions = new List<CdnowTransaction>();
        var hasMore = !layout.HasHeader || lines.MoveNext();
        for (; hasMore; hasMore = lines.MoveNext())
        {
            counters.LinesRead++;
            var reason = Examine(lines, layout, counters, out var transaction);
            if (reason is not null)
            {
                counters.Skip(reason);
                continue;
            }

            if (transactions.Count == TransactionsMax)
            {
                throw new ImportException(
                    ImportFault.FileTooLarge,
                    $"'{source.Name}' has more than {TransactionsMax:N0} transactions; cdnow files are sorted in memory, which that many do not fit. "
                    + "Convert the file to events-ndjson, which is read piece by piece.");
            }

            transactions.Add(transaction);
        }

        return counters.LinesRead > 0 ? transactions : throw ImportSource.Empty(source.Name);
    }

    private static string? Examine(Utf8LineReader lines, CdnowLayout layout, ImportCounters counters, out CdnowTransaction transaction)
    {
        transaction = default;
        if (lines.IsTooLong)
            return SkipReasons.LineTooLong;
        if (lines.Current.Trim(" \t"u8).IsEmpty)
            return SkipReasons.BlankLine;
        if (!layout.TryParse(lines.Current, out var id, out var day, out var quantity, out var dollars))
            return SkipReasons.DoesNotParse;
        if (counters.CountCustomer(id) is not { } customerId)
            return SkipReasons.CustomerIdTooLong;
        if (day <= DateTimeOffset.UnixEpoch)
            return SkipReasons.ImplausibleTime;
        if (quantity == 0)
            return SkipReasons.ZeroPriceOrQuantity;
        if (quantity < 0)
            return SkipReasons.OrderedLessThanZero;
        // Zero dollars do occur (free CDs) and count as transactions in the published figures.
        if (dollars < 0)
            return SkipReasons.NegativePrice;

        transaction = new CdnowTransaction(customerId, day.ToUnixTimeMilliseconds(), quantity, dollars, lines.Number);
        return null;
    }

    private static CustomerEvent Order(in CdnowTransaction transaction, int ordinal, ArrayBufferWriter<byte> body, Utf8JsonWriter json)
    {
        var day = DateTimeOffset.FromUnixTimeMilliseconds(transaction.DayMilliseconds).ToString("yyyyMMdd");
        var orderId = $"{transaction.CustomerId}-{day}-{ordinal}";
        body.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        json.WriteString("order_id"u8, orderId);
        json.WriteString("currency"u8, "USD"u8);
        json.WriteStartArray("products"u8);
        json.WriteStartObject();
        json.WriteString("product_id"u8, "cd"u8);
        json.WriteNumber("quantity"u8, transaction.Quantity);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteNumber("revenue"u8, transaction.Dollars);
        json.WriteNumber("total"u8, transaction.Dollars);
        json.WriteEndObject();
        json.Flush();
        return new CustomerEvent(
            transaction.CustomerId,
            $"cdnow-{orderId}",
            EventKind.Track,
            "Order Completed",
            transaction.DayMilliseconds,
            body.WrittenMemory.ToArray(),
            ReadOnlyMemory<byte>.Empty);
    }
}
