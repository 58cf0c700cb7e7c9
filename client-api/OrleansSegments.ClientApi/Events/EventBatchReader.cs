using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.ObjectPool;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>Reads a request body in one pass, without a document model: an envelope with a batch, or a single event.</summary>
internal static class EventBatchReader
{
    /// <param name="body">Stays referenced by the events, which hold slices of it; the caller must not reuse it.</param>
    /// <param name="kind">The event kind named by the path: the body is one event. Null: the body is an envelope.</param>
    /// <param name="replayedNow">The store's current time on a replayed clock; null on the system clock.</param>
    public static ReadBatch Read(
        ReadOnlyMemory<byte> body, EventKind? kind, IngestionLimits limits, DateTimeOffset receivedAt, DateTimeOffset? replayedNow = null)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return ReadBatch.Refused(
                ApiError.BadRequest("invalid_json", "The body is not UTF-8. Encode it as UTF-8, or name gzip in Content-Encoding."));
        }

        var envelope = new Envelope(limits);
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            reader.Read();
            ReadBody(ref reader, body, kind, envelope);
            reader.Read();
        }
        catch (JsonException exception)
        {
            return ReadBatch.Refused(
                ApiError.BadRequest("invalid_json", $"The body is not valid JSON: {exception.Message} No event was accepted."), envelope);
        }

        return envelope.Error is null
            ? EventFinisher.Finish(envelope, kind, limits, receivedAt.ToUnixTimeMilliseconds(), replayedNow)
            : ReadBatch.Refused(envelope.Error, envelope);
    }

    private static void ReadBody(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, EventKind? kind, Envelope envelope)
    {
        if (kind is not null)
        {
            envelope.Add(EventReader.Read(ref reader, body, out var writeKey));
            envelope.WriteKey = writeKey;
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadEnvelope(ref reader, body, envelope);
        }
        else
        {
            reader.Skip();
            envelope.Error = Envelope.NoBatch;
        }
    }

    private static void ReadEnvelope(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, Envelope envelope)
    {
        envelope.Error = Envelope.NoBatch;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var field = EventFields.Current(ref reader);
            reader.Read();
            switch (field)
            {
                case EventField.Batch:
                    ReadEvents(ref reader, body, envelope);
                    break;
                case EventField.SentAt:
                    EventReader.ReadSentAt(ref reader, out envelope.SentAt);
                    break;
                case EventField.Context:
                    EventReader.TryReadObject(ref reader, body, out envelope.Context);
                    break;
                case EventField.WriteKey:
                    JsonText.TryRead(ref reader, out envelope.WriteKey);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static void ReadEvents(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, Envelope envelope)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        envelope.Error = envelope.Error == Envelope.NoBatch ? null : envelope.Error;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (envelope.IsFull)
            {
                reader.Skip();
                continue;
            }

            envelope.Add(EventReader.Read(ref reader, body, out _));
        }
    }
}

/// <summary>The result of reading a request. To be disposed once nobody asks for the drafts.</summary>
/// <param name="Events">The valid events, for the router.</param>
/// <param name="Places">For each of <paramref name="Events"/> its index in the request; null when the indices are equal.</param>
/// <param name="Rejected">Events that can never be accepted, by their index in the request.</param>
/// <param name="WriteKey">The body's writeKey; null when absent.</param>
/// <param name="Error">Refuses the whole request; <paramref name="Events"/> is then empty.</param>
internal sealed record ReadBatch(
    CustomerEvent[] Events, int[]? Places, List<EventRejection> Rejected, string? WriteKey, ApiError? Error, Envelope? Envelope) : IDisposable
{
    /// <summary>All events of the request as they were read, by their index in it.</summary>
    public IReadOnlyList<EventDraft> Drafts => Envelope?.Drafts ?? [];

    public static ReadBatch Refused(ApiError error, Envelope? envelope = null) => new([], null, [], envelope?.WriteKey, error, envelope);

    public void Dispose() => Envelope?.Dispose();
}

/// <summary>The fields of a request body beside its events, and the events read so far.</summary>
internal sealed class Envelope(IngestionLimits limits) : IDisposable
{
    /// <summary>Lists of drafts to be used again: those of a batch of 2,500 events take 400 KB.</summary>
    private static readonly ObjectPool<List<EventDraft>> Lists = ObjectPool.Create(new ListPolicy());

    public static readonly ApiError NoBatch = ApiError.BadRequest(
        "invalid_batch", "The body must be a JSON object with an array named batch: {\"batch\":[{\"type\":\"track\", ...}]}.");

    public string? WriteKey;
    public long SentAt = EventTime.None;
    public ReadOnlyMemory<byte> Context;

    public List<EventDraft> Drafts { get; } = Lists.Get();

    public ApiError? Error { get; set; }

    /// <summary>
    /// True once the batch holds the maximum of events. Further events are parsed, because the write key may follow them, but not kept.
    /// </summary>
    public bool IsFull
    {
        get
        {
            if (Drafts.Count < limits.RequestEventsMax)
            {
                return false;
            }

            Error ??= ApiError.BadRequest(
                "too_many_events", $"The batch holds more than {limits.RequestEventsMax} events; no event was accepted. Send smaller batches.");
            return true;
        }
    }

    public void Add(in EventDraft draft) => Drafts.Add(draft);

    public void Dispose() => Lists.Return(Drafts);

    private sealed class ListPolicy : PooledObjectPolicy<List<EventDraft>>
    {
        public override List<EventDraft> Create() => [];

        public override bool Return(List<EventDraft> obj)
        {
            obj.Clear();
            return true;
        }
    }
}
