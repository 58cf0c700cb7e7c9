using System.Globalization;
using System.Text.Json;
using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

/// <summary>When an event happened, in Unix milliseconds of this server's clock.</summary>
internal static class EventTime
{
    /// <summary>The client named no time.</summary>
    public const long None = long.MinValue;

    /// <summary>
    /// A client's clock may be off by hours, but not between saying when it happened and saying when it sent:
    /// receivedAt - (sentAt - said) removes the error (Segment's formula). An event with both <paramref name="original"/> and
    /// <paramref name="timestamp"/> was corrected by a server before, or its sender fixed the time on purpose: timestamp stands.
    /// What still lies further ahead than the tolerance counts as received now.
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
    /// The reader stands on a value. Takes ISO 8601 text; a time without an offset is read as UTC, never as this machine's zone.
    /// False for anything else and for times before 1970, which are unset fields of clients rather than events.
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
/// Keeps events of the present out of a store that lives at the time of replayed history. They would lie in its future, and a date that is not theirs
/// would be a lie.
/// </summary>
internal static class ReplayedTime
{
    public const string Code = "outside_replayed_time";

    /// <param name="replayedNow">Where the store stands; null when it lives in the present.</param>
    public static EventFault? FaultOf(CustomerEvent source, DateTimeOffset? replayedNow, IngestionLimits limits) =>
        replayedNow is { } now && source.OccurredAtMilliseconds > now.ToUnixTimeMilliseconds() + limits.FutureToleranceMilliseconds
            ? new EventFault(
                Code,
                $"The event happened at {Text(DateTimeOffset.FromUnixTimeMilliseconds(source.OccurredAtMilliseconds))}, and this store lives at the time of the history that was "
                + $"imported, where it is {Text(now)}. Start it with ./segments up --system-clock to bring it to the present, or send the event to another store.")
            : null;

    private static string Text(DateTimeOffset moment) => $"{moment:yyyy-MM-ddTHH:mm:ssZ}";
}
