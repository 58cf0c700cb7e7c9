using OrleansSegments.ClientApi.Events;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.Tools.Imports;

/// <summary>
/// One event of the Segment specification on each line, as exports and SDK logs have them. Events are handed out in the order of the
/// file, whatever their times are. An event without a messageId gets a hash of its bytes as one.
/// </summary>
internal sealed class NdjsonReader : IDataSetReader
{
    /// <summary>Thirty-two times what the ingestion API takes as one event.</summary>
    public const int LineBytesMax = 1 << 20;

    public string Name => "events-ndjson";

    public string Description =>
        "Segment-specification events (identify, track, page, screen, group, alias), one JSON object of at most 1 MiB a line, in any order of time.";

    public IEnumerable<ReplayEvent> Read(ImportSource source, ImportCounters counters)
    {
        using var lines = new Utf8LineReader(source, LineBytesMax);
        while (lines.MoveNext())
        {
            counters.LinesRead++;
            var reason = Examine(lines, out var parsed);
            if (parsed is null)
            {
                counters.Skip(reason!);
                continue;
            }

            counters.CountCustomer(parsed.CustomerId);
            counters.EventsMade++;
            counters.Orders += parsed.Name == "Order Completed" ? 1 : 0;
            counters.Refunds += parsed.Name == "Order Refunded" ? 1 : 0;
            yield return new ReplayEvent(parsed, lines.Number);
        }

        if (counters.LinesRead == 0)
            throw ImportSource.Empty(source.Name);
    }

    /// <returns>Null, or the reason why the line is no event.</returns>
    private static string? Examine(Utf8LineReader lines, out CustomerEvent? parsed)
    {
        parsed = null;
        if (lines.IsTooLong)
            return SkipReasons.LineTooLong;
        if (lines.Current.Trim(" \t"u8).IsEmpty)
            return SkipReasons.BlankLine;

        parsed = EventLineReader.Read(lines.Current.ToArray(), out var faultCode);
        return faultCode?.Replace('_', ' ');
    }
}
