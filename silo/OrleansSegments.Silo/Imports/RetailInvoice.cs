using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Silo.Imports;

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
