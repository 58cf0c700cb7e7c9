using System.IO.Hashing;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Tools.Replay;

namespace OrleansSegments.Tools.Imports;

/// <summary>Any table of which a map says what the columns mean. Rows with an order id are joined to one event for each order.</summary>
/// <param name="map">Null when there is none yet: reading then says which columns the table has.</param>
/// <param name="name">The name of the format.</param>
internal sealed class CsvReader(TableMap? map = null, string name = "csv") : IDataSetReader
{
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    public string Name => name;

    public string Description => "Any table with a header, columns named by a map (--map; docs/import.md): comma, semicolon or tab, quoted fields, in any order.";

    /// <summary>Traits from elsewhere, by customer.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> TraitsOf { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();

    public IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters)
    {
        source.Encoding = map?.Encoding ?? source.Encoding;
        using var table = new TableReader(source, counters, map?.Delimiter);
        if (map is null)
            throw new ImportException(ImportFault.MapMissing, $"csv needs a map: --map FILE (docs/import.md has examples). The columns of '{source.Name}' are: {string.Join(", ", table.Header)}.");

        var columns = new MappedColumns(map, table, source.Name);
        var rows = new RowReading(map, columns, table, counters, TraitsOf, TimeProvider.System.GetUtcNow().Add(AheadMax).ToUnixTimeMilliseconds());
        using var events = new TableEvents(name, source, counters);
        var waiting = new List<WaitingRow>();
        while (table.MoveNext())
        {
            if (rows.Examine(out var isIncomplete) is not { } row)
                continue;
            if (isIncomplete)
                waiting.Add(new WaitingRow(row, columns.FirstEmpty(table)));
            else if (row.Order.Length > 0)
                events.Hold(row);
            else
            {
                var message = row.Message.Length > 0 ? row.Message : $"{name}-{Convert.ToHexStringLower(XxHash128.Hash(table.Current))}";
                foreach (var made in events.Make(row, message))
                    yield return made;
            }
        }

        if (counters.LinesRead == 0)
            throw ImportSource.Empty(source.Name);
        Complete(waiting, events, counters);
        foreach (var made in events.Release())
            yield return made;
    }

    /// <summary>Exports name the customer, the time and the total of an order on its first row only; the others have them from there.</summary>
    private static void Complete(List<WaitingRow> waiting, TableEvents events, ImportCounters counters)
    {
        foreach (var (row, field) in waiting)
        {
            if (events.FirstOf(row.Order) is { } first)
                events.Hold(row with { Customer = first.Customer, Anonymous = first.Anonymous, Time = first.Time, Event = row.Event.Length > 0 ? row.Event : first.Event });
            else
                counters.Skip(SkipReasons.OrderUnknown, row.Line, field, "");
        }
    }

    private readonly record struct WaitingRow(RowEvent Row, string Field);
}

/// <summary>The places of the mapped columns in one table; a constant has none.</summary>
internal sealed class MappedColumns
{
    private readonly List<string> _missing = [];

    /// <exception cref="ImportException">The table lacks columns; the message names each with the nearest there is.</exception>
    public MappedColumns(TableMap map, TableReader table, string file)
    {
        Event = Find(map.Event ?? $"={TableEvents.Completed}", table);
        Customer = Find(map.Customer, table);
        Anonymous = Find(map.Anonymous, table);
        Time = Find(map.Time, table);
        Order = Find(map.Order, table);
        Message = Find(map.Message, table);
        Total = Find(map.Total, table);
        Amount = Find(map.Amount, table);
        Currency = Find(map.Currency, table);
        Product = Find(map.Product, table);
        ProductName = Find(map.ProductName, table);
        Price = Find(map.Price, table);
        Quantity = Find(map.Quantity, table);
        Country = Find(map.Country, table);
        Traits = [.. map.Traits.Select(trait => KeyValuePair.Create(trait.Key, Find(trait.Value, table)))];
        Properties = [.. map.Properties.Select(property => KeyValuePair.Create(property.Key, Find(property.Value, table)))];
        if (_missing.Count > 0)
        {
            throw new ImportException(
                ImportFault.HeaderWrong, $"The map names columns that '{file}' does not have: {string.Join("; ", _missing)}. Its columns are: {string.Join(", ", table.Header)}.");
        }
    }

    public Column Event { get; }

    public Column Customer { get; }

    public Column Anonymous { get; }

    public Column Time { get; }

    public Column Order { get; }

    public Column Message { get; }

    public Column Total { get; }

    public Column Amount { get; }

    public Column Currency { get; }

    public Column Product { get; }

    public Column ProductName { get; }

    public Column Price { get; }

    public Column Quantity { get; }

    public Column Country { get; }

    public KeyValuePair<string, Column>[] Traits { get; }

    public KeyValuePair<string, Column>[] Properties { get; }

    /// <summary>Which of the columns that an event needs is empty in the current row.</summary>
    public string FirstEmpty(TableReader table)
    {
        var empty = Time.In(table).Length == 0 ? Time : Customer.Place >= 0 ? Customer : Anonymous;
        return empty.Place >= 0 ? table.Header[empty.Place] : "";
    }

    private Column Find(string? name, TableReader table)
    {
        if (name is null || name.StartsWith('='))
            return new Column(-1, name?[1..] ?? "");

        var place = table.Find(name);
        if (place < 0)
            _missing.Add($"'{name}'{(SettingNames.Nearest(name, table.Header) is { } near ? $" (the nearest is '{near}')" : "")}");
        return new Column(place, "");
    }
}

/// <param name="Place">-1 for a constant.</param>
internal readonly record struct Column(int Place, string Constant)
{
    public string In(TableReader table) => Place < 0 ? Constant : table[Place];
}
