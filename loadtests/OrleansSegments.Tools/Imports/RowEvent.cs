using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansSegments.Tools.Imports;

/// <summary>What one row of a table says that happened. Texts are empty where the row says nothing.</summary>
internal sealed record RowEvent
{
    public required string Event { get; init; }

    public required string Customer { get; init; }

    public string Anonymous { get; init; } = "";

    /// <summary>Unix milliseconds.</summary>
    public required long Time { get; init; }

    public required long Line { get; init; }

    /// <summary>Rows of one customer with the same order and event are one event.</summary>
    public string Order { get; init; } = "";

    /// <summary>The message id; empty for one made of the order, or of the row.</summary>
    public string Message { get; init; } = "";

    public string Currency { get; init; } = "";

    /// <summary>The amount of the whole order, as its first row that has one says.</summary>
    public decimal? Total { get; init; }

    /// <summary>The amount of this row.</summary>
    public decimal? Amount { get; init; }

    /// <summary>False for a row that only shows that the customer exists.</summary>
    public bool Happened { get; init; } = true;

    public RowProduct? Product { get; init; }

    /// <summary>Further properties and their values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; init; } = [];

    /// <summary>The customer's traits, a JSON object; empty for none.</summary>
    public ReadOnlyMemory<byte> Traits { get; init; }

    /// <summary>The context, a JSON object; empty for none.</summary>
    public ReadOnlyMemory<byte> Context { get; init; }

    public bool HasDecimalComma { get; init; }
}

/// <summary>The product of a row.</summary>
internal sealed record RowProduct(string Id, string Name, decimal? Price, decimal? Quantity)
{
    /// <summary>Further properties of the product.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; init; } = [];
}

/// <summary>Writes rows and orders as JSON of the Segment specification.</summary>
internal sealed class RowWriter : IDisposable
{
    // Bodies are stored and computed with, never put into a page; the strict encoder would spell every & and ' in six characters.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _text = new(4096);
    private readonly Utf8JsonWriter _json;

    public RowWriter()
    {
        _json = new Utf8JsonWriter(_text, Options);
    }

    /// <summary>An event that no other row is part of.</summary>
    public ReadOnlyMemory<byte> Write(RowEvent row, string message)
    {
        Begin("track", row, message, row.Time);
        _json.WriteStartObject("properties"u8);
        if (row.Order.Length > 0)
            _json.WriteString("order_id"u8, row.Order);
        if (row.Currency.Length > 0)
            _json.WriteString("currency"u8, row.Currency);
        if (row.Product is { } product)
            WriteMembers(product, row.HasDecimalComma);
        if ((row.Total ?? row.Amount) is { } revenue)
            _json.WriteNumber("revenue"u8, revenue);
        foreach (var (name, value) in row.Properties)
            CellText.Write(_json, name, value, row.HasDecimalComma);
        _json.WriteEndObject();
        return End();
    }

    /// <summary>An order of which this is the first row.</summary>
    public ReadOnlyMemory<byte> Write(RowEvent first, string message, IReadOnlyList<ReadOnlyMemory<byte>> products, decimal? total)
    {
        Begin("track", first, message, first.Time);
        _json.WriteStartObject("properties"u8);
        _json.WriteString("order_id"u8, first.Order);
        if (first.Currency.Length > 0)
            _json.WriteString("currency"u8, first.Currency);
        if (products.Count > 0)
        {
            _json.WriteStartArray("products"u8);
            foreach (var product in products)
                _json.WriteRawValue(product.Span, skipInputValidation: true);
            _json.WriteEndArray();
        }

        if (total is { } amount)
        {
            if (first.Event == TableEvents.Completed)
                _json.WriteNumber("revenue"u8, amount);
            _json.WriteNumber("total"u8, amount);
        }

        foreach (var (name, value) in first.Properties)
            CellText.Write(_json, name, value, first.HasDecimalComma);
        _json.WriteEndObject();
        return End();
    }

    public ReadOnlyMemory<byte> WriteIdentify(RowEvent row, string message, long time, ReadOnlyMemory<byte> traits)
    {
        Begin("identify", row, message, time);
        _json.WritePropertyName("traits"u8);
        _json.WriteRawValue(traits.Span, skipInputValidation: true);
        return End();
    }

    public ReadOnlyMemory<byte> Write(RowProduct product, bool decimalComma)
    {
        Begin();
        WriteMembers(product, decimalComma);
        return End();
    }

    public void Dispose() => _json.Dispose();

    private void Begin()
    {
        _text.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
    }

    private void Begin(string type, RowEvent row, string message, long time)
    {
        Begin();
        _json.WriteString("type"u8, type);
        if (type == "track")
            _json.WriteString("event"u8, row.Event);
        if (row.Customer.Length > 0)
            _json.WriteString("userId"u8, row.Customer);
        if (row.Anonymous.Length > 0)
            _json.WriteString("anonymousId"u8, row.Anonymous);
        _json.WriteString("messageId"u8, message);
        _json.WriteString("timestamp"u8, DateTimeOffset.FromUnixTimeMilliseconds(time).UtcDateTime);
        if (!row.Context.IsEmpty)
        {
            _json.WritePropertyName("context"u8);
            _json.WriteRawValue(row.Context.Span, skipInputValidation: true);
        }
    }

    private void WriteMembers(RowProduct product, bool decimalComma)
    {
        if (product.Id.Length > 0)
            _json.WriteString("product_id"u8, product.Id);
        if (product.Name.Length > 0)
            _json.WriteString("name"u8, product.Name);
        if (product.Price is { } price)
            _json.WriteNumber("price"u8, price);
        if (product.Quantity is { } quantity)
            _json.WriteNumber("quantity"u8, decimal.Truncate(quantity) == quantity ? decimal.Truncate(quantity) : quantity);
        foreach (var (name, value) in product.Properties)
            CellText.Write(_json, name, value, decimalComma);
    }

    private ReadOnlyMemory<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        return _text.WrittenSpan.ToArray();
    }
}
