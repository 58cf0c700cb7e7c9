using System.Text.Json;
using System.Text.Unicode;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>Reads one event that is not part of a request, such as a line of an export, by the rules of the ingestion API.</summary>
public static class EventLineReader
{
    /// <summary>
    /// No client sends the line, so no clock is corrected: timestamp is used as it is, otherwise originalTimestamp; one of them is
    /// required.
    /// </summary>
    /// <param name="line">Stays referenced by the event, which holds slices of it; the caller must not reuse it.</param>
    /// <param name="faultCode">The API's rejection code when the line is not a valid event; otherwise null.</param>
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

            // Throws when anything follows the event.
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
