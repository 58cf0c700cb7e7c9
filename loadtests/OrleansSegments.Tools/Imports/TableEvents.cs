using System.IO.Hashing;
using System.Runtime.InteropServices;
using OrleansSegments.ClientApi.Events;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// Makes events of rows: those of one order, wherever they stand in the file, become one event at the time of the earliest, with the products of all. A customer is
/// identified before the first event, and again when the traits change. Orders are held until the file was read and come in order of time.
/// </summary>
/// <param name="prefix">Begins the message ids.</param>
/// <param name="sameOrderWithin">A row later than this after the first of its order begins another order; null when order ids are never used twice.</param>
internal sealed class TableEvents(string prefix, ImportSource source, ImportCounters counters, TimeSpan? sameOrderWithin = null) : IDisposable
{
    public const string Completed = "Order Completed";
    public const string Refunded = "Order Refunded";

    /// <summary>About ten million rows of orders.</summary>
    private const long HeldBytesMax = 2L << 30;

    /// <summary>What a row takes beside its product, and an order beside its rows.</summary>
    private const int RowBytes = 72;
    private const int OrderBytes = 512;

    private readonly Dictionary<(string Order, string Customer, string Event), HeldOrder> _orders = [];
    private readonly Dictionary<string, RowEvent> _firstOfOrder = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KnownTraits> _known = new(StringComparer.Ordinal);
    private readonly RowWriter _writer = new();
    private long _heldBytes;

    /// <summary>Holds a row until the rest of its order was read.</summary>
    public void Hold(RowEvent row)
    {
        var customer = row.Customer.Length > 0 ? row.Customer : row.Anonymous;
        ref var order = ref CollectionsMarshal.GetValueRefOrAddDefault(_orders, (row.Order, customer, row.Event), out var isKnown);
        if (!isKnown)
        {
            order = new HeldOrder(row);
            _heldBytes += OrderBytes;
        }

        _firstOfOrder.TryAdd(row.Order, row);
        var product = row is { Happened: true, Product: not null } ? _writer.Write(row.Product, row.HasDecimalComma) : default;
        order!.Rows.Add(new HeldRow(row.Time, row.Line, product, row.Happened, row.Total, row.Amount));
        if ((_heldBytes += RowBytes + product.Length) > HeldBytesMax)
        {
            throw new ImportException(
                ImportFault.FileTooLarge,
                $"'{source.Name}' has more than {HeldBytesMax >> 20:N0} MiB of orders up to line {row.Line}; the rows of orders are joined in memory. "
                + "Cut the file by time, and import one part after the other into the same folder.");
        }
    }

    /// <summary>The row of this order that was held first; null when there is none.</summary>
    public RowEvent? FirstOf(string order) => _firstOfOrder.GetValueOrDefault(order);

    /// <summary>The events of a row that no other is part of.</summary>
    public IEnumerable<ReplayEvent> Make(RowEvent row, string message)
    {
        foreach (var identify in Identify(row, row.Time, row.Line))
            yield return identify;
        if (Read(_writer.Write(row, message), row.Line) is { } made)
            yield return made;
    }

    /// <summary>The events of everything that was held.</summary>
    public IEnumerable<ReplayEvent> Release()
    {
        List<(RowEvent First, HeldRow[] Rows)> orders = [.. _orders.Values.SelectMany(Divide)];
        _orders.Clear();
        orders.Sort((one, other) => (one.Rows[0].Time, one.Rows[0].Line).CompareTo((other.Rows[0].Time, other.Rows[0].Line)));
        foreach (var (first, rows) in orders)
        {
            var (time, line) = (rows[0].Time, rows.Min(row => row.Line));
            foreach (var identify in Identify(first, time, line))
                yield return identify;
            if (!rows.Any(row => row.Happened))
                continue;

            ReadOnlyMemory<byte>[] products = [.. rows.Where(row => !row.Product.IsEmpty).Select(row => row.Product)];
            var total = rows.FirstOrDefault(row => row.Total is not null).Total ?? (rows.Any(row => row.Amount is not null) ? rows.Sum(row => row.Amount ?? 0) : null);
            var json = _writer.Write(first with { Time = time }, MessageOf(first, time), products, total);
            if (Read(json, line) is { } made)
                yield return made;
        }
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>The time tells apart two orders with one id that are too far from each other to be one.</summary>
    private string MessageOf(RowEvent first, long time)
    {
        var what = first.Event switch { Completed => "order", Refunded => "refund", var other => other };
        return first.Message.Length > 0 ? first.Message : $"{prefix}-{first.Order}-{what}-{time / 1000}";
    }

    private IEnumerable<(RowEvent First, HeldRow[] Rows)> Divide(HeldOrder order)
    {
        var rows = order.Rows;
        rows.Sort((one, other) => (one.Time, one.Line).CompareTo((other.Time, other.Line)));
        for (int start = 0, end; start < rows.Count; start = end)
        {
            var last = sameOrderWithin is { } limit ? rows[start].Time + (long)limit.TotalMilliseconds : long.MaxValue;
            for (end = start + 1; end < rows.Count && rows[end].Time <= last;)
                end++;
            yield return (order.First, [.. rows[start..end]]);
        }
    }

    /// <summary>Says what is known of the customer, when this row says something else than the one before it, or speaks of an earlier time.</summary>
    private IEnumerable<ReplayEvent> Identify(RowEvent row, long time, long line)
    {
        if (row.Traits.IsEmpty)
            yield break;

        var customer = row.Customer.Length > 0 ? row.Customer : row.Anonymous;
        var known = _known.GetValueOrDefault(customer);
        if (known.Traits.Span.SequenceEqual(row.Traits.Span))
        {
            _known[customer] = known with { LastSeen = Math.Max(known.LastSeen, time) };
            yield break;
        }

        // The traits before still held at a later time than this one: that has to be said too, or these would be taken for the newer ones.
        if (known.LastSeen > time && known.LastSeen > known.Said && Read(IdentifyJson(row with { Context = default }, known.LastSeen, known.Traits), line) is { } again)
            yield return again;
        _known[customer] = new KnownTraits(row.Traits, time, time);
        if (Read(IdentifyJson(row, time, row.Traits), line) is { } made)
            yield return made;
    }

    private ReadOnlyMemory<byte> IdentifyJson(RowEvent row, long time, ReadOnlyMemory<byte> traits) =>
        _writer.WriteIdentify(row, $"{prefix}-identify-{XxHash64.HashToUInt64(traits.Span):x16}-{time}", time, traits);

    private ReplayEvent? Read(ReadOnlyMemory<byte> json, long line)
    {
        if (EventLineReader.Read(json, out var faultCode) is { } made)
        {
            counters.Made(made);
            return new ReplayEvent(made, line, json);
        }

        counters.Skip(faultCode!.Replace('_', ' '), line);
        return null;
    }

    /// <summary>The rows of one order that were read so far.</summary>
    private sealed class HeldOrder(RowEvent first)
    {
        public RowEvent First { get; } = first with { Product = null };

        public List<HeldRow> Rows { get; } = [];
    }

    private readonly record struct HeldRow(long Time, long Line, ReadOnlyMemory<byte> Product, bool Happened, decimal? Total, decimal? Amount);

    /// <param name="Said">The time of the last identify.</param>
    /// <param name="LastSeen">The latest time of a row with these traits.</param>
    private readonly record struct KnownTraits(ReadOnlyMemory<byte> Traits, long Said, long LastSeen);
}
