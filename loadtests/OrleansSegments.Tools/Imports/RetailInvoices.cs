using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// Puts lines together to invoices and invoices into time order. Lines of one invoice are up to nine minutes apart in the file and
/// mixed with those of others, so an invoice stays open until the file has moved on by <see cref="OpenFor"/> since its first line.
/// </summary>
internal sealed class RetailInvoices : IDisposable
{
    public static readonly TimeSpan OpenFor = TimeSpan.FromHours(1);

    /// <summary>A single wrong date far ahead must not make every later line look late; data sets do have gaps of months.</summary>
    private static readonly TimeSpan LeapMax = TimeSpan.FromDays(3650);

    private const int PendingBytesMax = 64 << 20;
    private const int InvoiceOverheadBytes = 4096;

    private readonly Dictionary<string, RetailInvoice> _open = new(StringComparer.Ordinal);
    private readonly PriorityQueue<RetailInvoice, (long OccurredAtMilliseconds, long Line)> _byTime = new();
    private readonly Stack<RetailInvoice> _idle = new();
    private long? _latest;
    private long _pendingBytes;

    /// <param name="sells">False for a line that is no part of an order or refund; its customer is made known all the same.</param>
    /// <returns>Null, or the reason why the line is skipped.</returns>
    public string? Add(RetailLine line, long lineNumber, int lineBytes, bool sells)
    {
        var latest = _latest ?? line.OccurredAtMilliseconds;
        if (line.OccurredAtMilliseconds <= 0 || line.OccurredAtMilliseconds > latest + (long)LeapMax.TotalMilliseconds)
            return SkipReasons.ImplausibleTime;
        if (line.OccurredAtMilliseconds < latest - (long)OpenFor.TotalMilliseconds)
            return SkipReasons.NotInTimeOrder;
        if (_pendingBytes + lineBytes + InvoiceOverheadBytes > PendingBytesMax)
            return SkipReasons.TooManyPending;

        _latest = Math.Max(latest, line.OccurredAtMilliseconds);
        var invoice = Find(line, lineNumber);
        if (sells)
            invoice.Add(line);
        invoice.PendingBytes += lineBytes;
        _pendingBytes += lineBytes;
        return null;
    }

    /// <summary>The next invoice that is complete, or any when the file is at its end. Hand it back to <see cref="Return"/>.</summary>
    public RetailInvoice? TakeComplete(bool atEnd)
    {
        if (!_byTime.TryPeek(out var invoice, out var first))
            return null;
        if (!atEnd && first.OccurredAtMilliseconds >= _latest - (long)OpenFor.TotalMilliseconds)
            return null;

        _byTime.Dequeue();
        if (_open.TryGetValue(invoice.Key, out var open) && open == invoice)
            _open.Remove(invoice.Key);
        _pendingBytes -= invoice.PendingBytes;
        return invoice;
    }

    public void Return(RetailInvoice invoice) => _idle.Push(invoice);

    public void Dispose()
    {
        foreach (var invoice in _idle.Concat(_byTime.UnorderedItems.Select(item => item.Element)))
            invoice.Dispose();
    }

    private RetailInvoice Find(RetailLine line, long lineNumber)
    {
        var key = $"{line.InvoiceNumber} {line.CustomerId}";
        // A number that comes back later than an invoice stays open begins a new one; the old one waits to be taken.
        if (_open.TryGetValue(key, out var invoice) && line.OccurredAtMilliseconds <= invoice.OccurredAtMilliseconds + (long)OpenFor.TotalMilliseconds)
            return invoice;

        invoice = _idle.TryPop(out var idle) ? idle : new RetailInvoice();
        invoice.Begin(key, line, lineNumber);
        invoice.PendingBytes = InvoiceOverheadBytes;
        _pendingBytes += InvoiceOverheadBytes;
        _open[invoice.Key] = invoice;
        _byTime.Enqueue(invoice, (invoice.OccurredAtMilliseconds, lineNumber));
        return invoice;
    }
}

/// <summary>
/// An invoice whose lines are still coming. Its products are written as JSON when they come, so nothing else of a line is kept;
/// one object serves many invoices one after the other.
/// </summary>
internal sealed class RetailInvoice : IDisposable
{
    // Bodies are stored and computed with, never put into a page; the strict encoder would spell every & and ' in six characters.
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _body = new(4096);
    private readonly Utf8JsonWriter _json;
    private string _number = "";
    private decimal _total;

    public RetailInvoice()
    {
        _json = new Utf8JsonWriter(_body, JsonOptions);
    }

    /// <summary>Which of the open invoices it is.</summary>
    public string Key { get; private set; } = "";

    public string CustomerId { get; private set; } = "";

    public long OccurredAtMilliseconds { get; private set; }

    /// <summary>The line it begins on.</summary>
    public long Line { get; private set; }

    public string Country { get; private set; } = "";

    public bool IsRefund { get; private set; }

    /// <summary>False when none of its lines could be used: it only shows that the customer exists.</summary>
    public bool HasProducts { get; private set; }

    /// <summary>What it holds against the limit on pending bytes.</summary>
    public int PendingBytes { get; set; }

    /// <summary>The time tells apart two invoices with one number that are too far from each other to be one.</summary>
    public string MessageId => $"online-retail-ii-{_number}-{(IsRefund ? "refund" : "order")}-{OccurredAtMilliseconds / 1000}";

    public void Begin(string key, RetailLine line, long lineNumber)
    {
        Key = key;
        _number = line.IsCancellation ? line.InvoiceNumber[1..] : line.InvoiceNumber;
        CustomerId = line.CustomerId;
        Country = line.Country;
        OccurredAtMilliseconds = line.OccurredAtMilliseconds;
        Line = lineNumber;
        IsRefund = line.IsCancellation;
        HasProducts = false;
        PendingBytes = 0;
        _total = 0;
        _body.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("order_id"u8, _number);
        _json.WriteString("currency"u8, "GBP"u8);
        _json.WriteStartArray("products"u8);
    }

    public void Add(RetailLine line)
    {
        HasProducts = true;
        var quantity = Math.Abs(line.Quantity);
        _total += quantity * line.UnitPrice;
        _json.WriteStartObject();
        _json.WriteString("product_id"u8, line.StockCode);
        if (line.Description.Length > 0)
            _json.WriteString("name"u8, line.Description);
        _json.WriteNumber("price"u8, line.UnitPrice);
        _json.WriteNumber("quantity"u8, quantity);
        _json.WriteEndObject();
    }

    public CustomerEvent Finish(ReadOnlyMemory<byte> context)
    {
        _json.WriteEndArray();
        if (!IsRefund)
            _json.WriteNumber("revenue"u8, _total);
        _json.WriteNumber("total"u8, _total);
        _json.WriteEndObject();
        _json.Flush();

        return new CustomerEvent(
            CustomerId,
            MessageId,
            EventKind.Track,
            IsRefund ? "Order Refunded" : "Order Completed",
            OccurredAtMilliseconds,
            _body.WrittenMemory.ToArray(),
            context);
    }

    public void Dispose() => _json.Dispose();
}
