using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using OrleansSegments.ClientApi.Errors;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>Turns drafts into events once the whole envelope is read: validates them, corrects their time, merges the context.</summary>
internal static class EventFinisher
{
    public static ReadBatch Finish(Envelope envelope, EventKind? kind, IngestionLimits limits, long receivedAt, DateTimeOffset? replayedNow)
    {
        if (envelope.Context.Length > limits.EventBytesMax)
        {
            return ReadBatch.Refused(ContextTooLarge(limits), envelope);
        }

        var drafts = CollectionsMarshal.AsSpan(envelope.Drafts);
        var context = envelope.Context.IsEmpty ? null : new ContextMerge(envelope.Context);
        var events = new CustomerEvent[drafts.Length];
        var count = 0;
        int[]? places = null;
        var rejected = new List<EventRejection>();
        long mergedBytes = 0;
        for (var i = 0; i < drafts.Length; i++)
        {
            ref var draft = ref drafts[i];
            if (FaultOf(ref draft, kind, limits) is { } fault)
            {
                Reject(i, fault);
                continue;
            }

            var merged = context is null ? draft.Context : context.Into(draft.Context);
            mergedBytes += merged.Length > draft.Context.Length && !draft.Context.IsEmpty ? merged.Length : 0;
            if (mergedBytes > limits.RequestBytesMax)
            {
                return ReadBatch.Refused(ContextTooLarge(limits), envelope);
            }

            var finished = ToEvent(draft, merged, envelope.SentAt, receivedAt, limits);
            if (ReplayedTime.FaultOf(finished, replayedNow, limits) is { } outside)
            {
                Reject(i, outside);
                continue;
            }

            places?[count] = i;
            events[count++] = finished;
        }

        if (places is not null)
        {
            Array.Resize(ref events, count);
            Array.Resize(ref places, count);
        }

        return new ReadBatch(events, places, rejected, envelope.WriteKey, null, envelope);

        void Reject(int index, EventFault fault)
        {
            places ??= [.. Enumerable.Range(0, envelope.Drafts.Count)];
            rejected.Add(new EventRejection(index, fault.Code, fault.Message));
        }
    }

    public static CustomerEvent ToEvent(
        in EventDraft draft, ReadOnlyMemory<byte> context, long envelopeSentAt, long receivedAt, IngestionLimits limits)
    {
        var sentAt = draft.SentAt != EventTime.None ? draft.SentAt : envelopeSentAt;
        return new CustomerEvent(
            (draft.UserId ?? draft.AnonymousId)!,
            draft.MessageId ?? MessageIdOf(draft),
            draft.Kind,
            NameOf(draft),
            EventTime.Resolve(draft.OriginalTimestamp, draft.Timestamp, sentAt, receivedAt, limits.FutureToleranceMilliseconds),
            BodyOf(draft),
            context,
            AliasIdOf(draft));
    }

    private static string? AliasIdOf(in EventDraft draft) =>
        draft.UserId is null ? null : draft.Kind == EventKind.Alias ? draft.PreviousId ?? draft.AnonymousId : draft.AnonymousId;

    private static ReadOnlyMemory<byte> BodyOf(in EventDraft draft) => draft.Kind switch
    {
        EventKind.Group when draft.GroupId is not null => WithId(draft.Traits.Span, draft.GroupId),
        EventKind.Identify or EventKind.Group => draft.Traits,
        EventKind.Alias when draft.PreviousId is not null => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["previousId"] = draft.PreviousId }),
        _ => draft.Properties,
    };

    /// <summary>The group's traits with its id as the last one named id, which is the one that counts.</summary>
    private static byte[] WithId(ReadOnlySpan<byte> traits, string groupId)
    {
        var id = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["id"] = groupId });
        var head = traits.IsEmpty ? traits : traits[..^1];
        return head.Length <= 1 || !head[1..].ContainsAnyExcept(" \t\r\n"u8) ? id : [.. head, (byte)',', .. id.AsSpan(1)];
    }

    private static string? NameOf(in EventDraft draft) => draft.Kind switch
    {
        EventKind.Track => draft.EventName,
        EventKind.Page or EventKind.Screen => draft.PageName,
        _ => null,
    };

    /// <summary>
    /// An event that states its own time and has no messageId gets one from its bytes, so that sending it twice still counts once. Without
    /// a time nothing tells a repeat from a second event of the same kind, and losing events would be worse: each is a new one.
    /// </summary>
    private static string MessageIdOf(in EventDraft draft)
    {
        if (draft.Timestamp == EventTime.None && draft.OriginalTimestamp == EventTime.None)
        {
            return $"new-{Guid.NewGuid():n}";
        }

        const int digestBytesKept = 16;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(draft.Raw.Span, digest);
        return "sha256-" + Convert.ToHexStringLower(digest[..digestBytesKept]);
    }

    /// <param name="kind">The kind named by the path; null when the event names it.</param>
    public static EventFault? FaultOf(ref EventDraft draft, EventKind? kind, IngestionLimits limits)
    {
        if (draft.Raw.Length > limits.EventBytesMax)
        {
            return new EventFault(
                "event_too_large",
                $"The event has {draft.Raw.Length} bytes; {limits.EventBytesMax} is the limit. Send less in properties, traits and context.");
        }

        if (draft.Fault is not null)
        {
            return draft.Fault;
        }

        draft.Kind = kind ?? KindOf(draft.Type);
        if (draft.Kind == 0)
        {
            return new EventFault("invalid_type", $"type is {Shown(draft.Type)}; it must be track, identify, page, screen, group or alias.");
        }

        var customerId = draft.UserId ?? draft.AnonymousId;
        return customerId is null ? new EventFault("missing_user_id", "The event has neither userId nor anonymousId; one of them is needed.")
            : customerId.Length > CustomerKey.CustomerIdLengthMax ? TooLong("userId or anonymousId", customerId, CustomerKey.CustomerIdLengthMax)
            : AliasIdOf(draft) is { Length: > CustomerKey.CustomerIdLengthMax } alias ? TooLong("anonymousId or previousId", alias, CustomerKey.CustomerIdLengthMax)
            : draft.MessageId?.Length > IngestionLimits.NameLengthMax ? TooLong("messageId", draft.MessageId, IngestionLimits.NameLengthMax)
            : draft.GroupId?.Length > IngestionLimits.NameLengthMax ? TooLong("groupId", draft.GroupId, IngestionLimits.NameLengthMax)
            : draft.Kind == EventKind.Track && draft.EventName is null
                ? new EventFault("missing_event", "A track needs the name of the event in the field event.")
            : NameOf(draft) is { Length: > IngestionLimits.NameLengthMax } name
                ? TooLong("The name of the event", name, IngestionLimits.NameLengthMax)
            : null;
    }

    private static EventKind KindOf(string? type) => type switch
    {
        "track" => EventKind.Track,
        "identify" => EventKind.Identify,
        "page" => EventKind.Page,
        "screen" => EventKind.Screen,
        "group" => EventKind.Group,
        "alias" => EventKind.Alias,
        _ => 0,
    };

    private static EventFault TooLong(string field, string value, int lengthMax) =>
        new("field_too_long", $"{field} has {value.Length} characters; {lengthMax} is the limit. Send a shorter one.");

    private static string Shown(string? value)
    {
        const int shownMax = 40;
        return value is null ? "missing" : $"\"{(value.Length > shownMax ? value[..shownMax] : value)}\"";
    }

    private static ApiError ContextTooLarge(IngestionLimits limits) => new(
        StatusCodes.Status413PayloadTooLarge,
        "context_too_large",
        $"The batch's context has more than {limits.EventBytesMax} bytes, or more than {limits.RequestBytesMax} once merged into all events; "
        + "no event was accepted. Send a smaller context, or smaller batches.");
}
