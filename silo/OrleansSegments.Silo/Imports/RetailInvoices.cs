namespace OrleansSegments.Silo.Imports;

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
