namespace OrleansSegments.Silo.Imports;

/// <summary>One line of an invoice; the texts point into the line that was read.</summary>
internal readonly ref struct RetailLine
{
    public required ReadOnlySpan<byte> InvoiceNumber { get; init; }

    public required ReadOnlySpan<byte> StockCode { get; init; }

    public required ReadOnlySpan<byte> Description { get; init; }

    public required int Quantity { get; init; }

    public required long OccurredAtMilliseconds { get; init; }

    /// <summary>GBP for one piece.</summary>
    public required decimal UnitPrice { get; init; }

    public required ReadOnlySpan<byte> CustomerId { get; init; }

    public required ReadOnlySpan<byte> Country { get; init; }

    public bool IsCancellation => InvoiceNumber is [(byte)'C', ..];

    public bool IsBadDebt => InvoiceNumber is [(byte)'A', ..];

    public bool IsOrder => InvoiceNumber is [>= (byte)'0' and <= (byte)'9', ..];
}
