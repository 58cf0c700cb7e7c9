using System.Globalization;
using System.Text.Json;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>When an event happened, in Unix milliseconds of the server's clock.</summary>
internal static class EventTime
{
    /// <summary>The client sent no time.</summary>
    public const long None = long.MinValue;

    /// <summary>
    /// A client's clock may be hours off, but its error is the same when it stamps an event and when it sends it: receivedAt - (sentAt -
    /// stamped) cancels the error (Segment's formula). When both <paramref name="original"/> and <paramref name="timestamp"/> are present,
    /// a server has already corrected the time or the sender set it on purpose, so timestamp is used as it is. A time further in the future
    /// than the tolerance becomes receivedAt.
    /// </summary>
    public static long Resolve(long original, long timestamp, long sentAt, long receivedAt, long toleranceMilliseconds)
    {
        var said = timestamp != None ? timestamp : original;
        if (said == None)
        {
            return receivedAt;
        }

        var corrected = original != None && timestamp != None;
        var occurredAt = corrected || sentAt == None ? said : receivedAt - (sentAt - said);
        return occurredAt > receivedAt + toleranceMilliseconds ? receivedAt : Math.Max(occurredAt, 0);
    }

    /// <summary>
    /// Reads ISO 8601 text at the reader's position; a time without an offset is UTC, never local time. Returns false for anything else and
    /// for times before 1970, which are clients' unset fields.
    /// </summary>
    public static bool TryRead(ref Utf8JsonReader reader, out long milliseconds)
    {
        milliseconds = None;
        if (reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.String || !TryParse(ref reader, out var time) || time < DateTimeOffset.UnixEpoch)
        {
            return false;
        }

        milliseconds = time.ToUnixTimeMilliseconds();
        return true;
    }

    private static bool TryParse(ref Utf8JsonReader reader, out DateTimeOffset time)
    {
        if (!reader.ValueIsEscaped && reader.ValueSpan is [.., (byte)'Z'] && reader.TryGetDateTimeOffset(out time))
        {
            return true;
        }

        time = default;
        return JsonText.TryRead(ref reader, out var text)
            && DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}

/// <summary>
/// Refuses events of the present in a store on a replayed clock: they would lie in its future, and changing their date would falsify them.
/// </summary>
internal static class ReplayedTime
{
    public const string Code = "outside_replayed_time";

    /// <param name="replayedNow">The store's current time on a replayed clock; null on the system clock.</param>
    public static EventFault? FaultOf(CustomerEvent source, DateTimeOffset? replayedNow, IngestionLimits limits) =>
        replayedNow is { } now && source.OccurredAtMilliseconds > now.ToUnixTimeMilliseconds() + limits.FutureToleranceMilliseconds
            ? new EventFault(
                Code,
                $"The event happened at {Text(DateTimeOffset.FromUnixTimeMilliseconds(source.OccurredAtMilliseconds))}, and this store runs on the replayed clock of its imported "
                + $"history, which is at {Text(now)}. Start it with ./segments up --system-clock to switch to the system clock, or send the event to another store.")
            : null;

    private static string Text(DateTimeOffset moment) => $"{moment:yyyy-MM-ddTHH:mm:ssZ}";
}
