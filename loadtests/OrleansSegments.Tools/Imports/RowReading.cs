using System.Text.Json;

namespace OrleansSegments.Tools.Imports;

/// <summary>Reads the current row of a table by a map.</summary>
internal sealed class RowReading(
    TableMap map, MappedColumns columns, TableReader table, ImportCounters counters, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> traitsOf, long latest)
{
    private const string ProductPrefix = "product.";

    private readonly CellTime _times = new(map.TimeFormat, map.TimeZone);
    private readonly TableTraits _traits = new(columns, table, map.DecimalComma);

    /// <summary>The row as an event; null when nothing can be made of it, which is counted.</summary>
    /// <param name="isIncomplete">Customer or time are missing and may stand on another row of the order.</param>
    public RowEvent? Examine(out bool isIncomplete)
    {
        var customer = CellText.Id(columns.Customer.In(table));
        var anonymous = CellText.Id(columns.Anonymous.In(table));
        var order = columns.Order.In(table) is "(not set)" ? "" : CellText.Id(columns.Order.In(table));
        var time = columns.Time.In(table);
        isIncomplete = order.Length > 0 && (time.Length == 0 || (customer.Length == 0 && anonymous.Length == 0));
        if (EventName(isIncomplete) is not { } name)
            return null;
        if (!isIncomplete && customer.Length == 0 && anonymous.Length == 0)
            return Skipped(SkipReasons.NoCustomer, columns.Customer.Place >= 0 ? columns.Customer : columns.Anonymous);

        long milliseconds = 0;
        if (time.Length > 0 || !isIncomplete)
        {
            if (!_times.TryRead(time, out milliseconds))
                return Skipped(SkipReasons.NoTime, columns.Time);
            if (milliseconds <= 0 || milliseconds > latest)
                return Skipped(SkipReasons.ImplausibleTime, columns.Time);
        }

        if (!Number(columns.Total, out var total) || !Number(columns.Amount, out var amount) || !Number(columns.Price, out var price) || !Number(columns.Quantity, out var quantity))
            return null;
        if ((customer.Length > 0 || anonymous.Length > 0) && counters.CountCustomer(customer.Length > 0 ? customer : anonymous) is null)
            return Skipped(SkipReasons.CustomerIdTooLong, columns.Customer);

        if (order.Length > 0 || name.StartsWith("Order ", StringComparison.Ordinal))
            amount ??= price * (quantity ?? 1);
        var isRefund = name == TableEvents.Completed && (quantity < 0 || amount < 0 || total < 0);
        var traits = traitsOf.GetValueOrDefault(customer);
        return new RowEvent
        {
            Event = isRefund ? TableEvents.Refunded : name,
            Customer = customer,
            Anonymous = anonymous,
            Time = milliseconds,
            Line = table.Line,
            Order = order,
            Message = columns.Message.In(table),
            Currency = columns.Currency.In(table),
            Total = isRefund && total is { } signed ? Math.Abs(signed) : total,
            Amount = isRefund && amount is { } back ? Math.Abs(back) : amount,
            Product = Product(price, isRefund && quantity is { } pieces ? Math.Abs(pieces) : quantity),
            Properties = Values(columns.Properties.Where(property => !property.Key.StartsWith(ProductPrefix, StringComparison.Ordinal))),
            Traits = traits.IsEmpty ? _traits.Traits() : traits,
            Context = _traits.Context(),
            HasDecimalComma = map.DecimalComma,
        };
    }

    private string? EventName(bool mayBeEmpty)
    {
        var name = columns.Event.In(table);
        if (name.Length == 0 && !mayBeEmpty)
        {
            table.Skip(SkipReasons.NoEventName, columns.Event.Place);
            return null;
        }

        if (!map.Events.TryGetValue(name, out var renamed))
            return name;
        if (renamed is null)
            table.Skip(SkipReasons.LeftOutByMap, columns.Event.Place);
        return renamed;
    }

    private RowProduct? Product(decimal? price, decimal? quantity)
    {
        var product = new RowProduct(CellText.Id(columns.Product.In(table)), columns.ProductName.In(table), price is { } signed ? Math.Abs(signed) : null, quantity)
        {
            Properties = Values(columns.Properties.Where(property => property.Key.StartsWith(ProductPrefix, StringComparison.Ordinal)), ProductPrefix.Length),
        };
        return product is { Id: "", Name: "", Price: null, Quantity: null, Properties: [] } ? null : product;
    }

    private List<KeyValuePair<string, string>> Values(IEnumerable<KeyValuePair<string, Column>> mapped, int prefixLength = 0) =>
        [.. mapped.Select(property => KeyValuePair.Create(property.Key[prefixLength..], property.Value.In(table))).Where(property => property.Value.Length > 0)];

    private bool Number(Column column, out decimal? number)
    {
        number = null;
        var text = column.In(table);
        if (text.Length == 0)
            return true;

        var isNumber = CellText.TryNumber(text, map.DecimalComma, out var value);
        if (!isNumber)
            table.Skip(SkipReasons.NoNumber, column.Place);
        number = value;
        return isNumber;
    }

    private RowEvent? Skipped(string reason, Column column)
    {
        table.Skip(reason, column.Place);
        return null;
    }
}

/// <summary>The traits and the location that a row has. Names with points are objects in objects.</summary>
internal sealed class TableTraits(MappedColumns columns, TableReader table, bool decimalComma)
{
    public ReadOnlyMemory<byte> Traits()
    {
        if (columns.Traits.Length == 0 && columns.Country.In(table).Length == 0)
            return default;

        var country = columns.Country.In(table);
        var values = columns.Traits.Select(trait => (Path: trait.Key.Split('.'), Text: trait.Value.In(table))).Where(trait => trait.Text.Length > 0).ToList();
        if (country.Length > 0)
            values.Add((["address", "country"], country));
        return values.Count == 0 ? default : Json(json => Write(json, values, depth: 0));
    }

    public ReadOnlyMemory<byte> Context()
    {
        var country = columns.Country.In(table);
        return country.Length == 0 ? default : Json(json => Write(json, [(["location", "country"], country)], depth: 0));
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
            write(json);
        return text.ToArray();
    }

    private void Write(Utf8JsonWriter json, IReadOnlyList<(string[] Path, string Text)> values, int depth)
    {
        json.WriteStartObject();
        foreach (var same in values.GroupBy(value => value.Path[depth]))
        {
            var deeper = same.Where(value => value.Path.Length > depth + 1).ToList();
            if (deeper.Count == 0)
            {
                CellText.Write(json, same.Key, same.Last().Text, decimalComma);
                continue;
            }

            json.WritePropertyName(same.Key);
            Write(json, deeper, depth + 1);
        }

        json.WriteEndObject();
    }
}
