using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// CDNOW (Fader and Hardie): CD purchases of one cohort, master file or sample. Each line is one Order Completed; two of a customer
/// on one day stay two.
/// </summary>
internal sealed class CdnowReader : IDataSetReader
{
    private const int LineBytesMax = 8192;

    public string Name => "cdnow";

    public string Description =>
        "CDNOW master file or sample: purchases in columns separated by blanks or commas; each is an Order Completed at midnight UTC, two on one day are two orders. "
        + "In the sample the customer is the master's number, the first column.";

    public IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters)
    {
        using var lines = new Utf8LineReader(source, LineBytesMax);
        using var events = new TableEvents(Name, source, counters);
        if (!lines.MoveNext())
            throw ImportSource.Empty(source.Name);

        var layout = CdnowLayout.Detect(lines.Current)
            ?? throw ImportException.WrongHeader(
                source.Name,
                lines.Current,
                "cdnow begins with the header customer_id date number_of_cds dollar_value (master file) "
                + "or with five numbers: master id, sample id, date yyyyMMdd, CDs, dollars (sample)");

        var ordersOfDay = new Dictionary<(string Customer, long Day), int>();
        var hasMore = !layout.HasHeader || lines.MoveNext();
        for (; hasMore; hasMore = lines.MoveNext())
        {
            counters.LinesRead++;
            var reason = Examine(lines, layout, counters, ordersOfDay, out var order);
            if (order is not null)
                events.Hold(order);
            else
                counters.Skip(reason!, lines.Number, value: System.Text.Encoding.UTF8.GetString(lines.Current));
        }

        if (counters.LinesRead == 0)
            throw ImportSource.Empty(source.Name);
        counters.IsComplete = true;
        foreach (var made in events.Release())
            yield return made;
    }

    private static string? Examine(
        Utf8LineReader lines, CdnowLayout layout, ImportCounters counters, Dictionary<(string Customer, long Day), int> ordersOfDay, out RowEvent? order)
    {
        order = null;
        if (lines.IsTooLong)
            return SkipReasons.LineTooLong;
        if (lines.Current.Trim(" \t"u8).IsEmpty)
            return SkipReasons.BlankLine;
        if (!layout.TryParse(lines.Current, out var id, out var day, out var quantity, out var dollars))
            return SkipReasons.DoesNotParse;
        if (counters.CountCustomer(id) is not { } customer)
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

        var time = day.ToUnixTimeMilliseconds();
        var ordinal = ordersOfDay[(customer, time)] = ordersOfDay.GetValueOrDefault((customer, time)) + 1;
        var orderId = $"{customer}-{day:yyyyMMdd}-{ordinal}";
        order = new RowEvent
        {
            Event = TableEvents.Completed,
            Customer = customer,
            Time = time,
            Line = lines.Number,
            Order = orderId,
            Message = $"cdnow-{orderId}",
            Currency = "USD",
            Product = new RowProduct("cd", "", Price: null, quantity),
            Total = dollars,
        };
        return null;
    }
}
