using OrleansSegments.Contracts.Events;

namespace OrleansSegments.ClientApi.Events;

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
