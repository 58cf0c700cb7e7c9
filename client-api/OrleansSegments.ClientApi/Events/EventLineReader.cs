using System.Text.Json;
using System.Text.Unicode;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>Reads one event that stands by itself, as a line of an export does, with the rules of the ingestion API.</summary>
public static class EventLineReader
{
    /// <summary>
    /// Nobody sends a line, so no client's clock is corrected: timestamp is believed as it stands, then originalTimestamp, and one of them is needed.
    /// </summary>
    /// <param name="line">Kept alive by the event, which holds slices of it; the caller must not reuse it.</param>
    /// <param name="faultCode">Why the line is no event, as the API's rejections word it; null when it is one.</param>
    public static CustomerEvent? Read(ReadOnlyMemory<byte> line, out string? faultCode)
    {
        faultCode = "invalid_json";
        if (!Utf8.IsValid(line.Span))
        {
            return null;
        }

        EventDraft draft;
        try
        {
            var reader = new Utf8JsonReader(line.Span);
            reader.Read();
            draft = EventReader.Read(ref reader, line, out _);

            // Fails when something follows the event.
            reader.Read();
        }
        catch (JsonException)
        {
            return null;
        }

        draft.SentAt = EventTime.None;
        var limits = new IngestionLimits(line.Length, line.Length, RequestEventsMax: 1, FutureToleranceMilliseconds: 0);
        faultCode = EventFinisher.FaultOf(ref draft, kind: null, limits)?.Code
            ?? (draft.Timestamp == EventTime.None && draft.OriginalTimestamp == EventTime.None ? "missing_timestamp" : null);
        return faultCode is null
            ? EventFinisher.ToEvent(draft, draft.Context, EventTime.None, receivedAt: long.MaxValue, limits)
            : null;
    }
}
