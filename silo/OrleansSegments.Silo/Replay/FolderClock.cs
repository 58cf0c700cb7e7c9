using OrleansSegments.Storage.Control;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Silo.Replay;

/// <summary>
/// A data folder remembers which clock it lives by. One that was filled by a replay of 2011 would otherwise wake up fifteen years later,
/// with every customer lapsed.
/// </summary>
internal static class FolderClock
{
    private const string Kind = "settings";
    private const string Key = "replay-clock";

    /// <summary>Notes that the folder lives by replayed time.</summary>
    public static async Task MarkReplayedAsync(IControlStateStore control, CancellationToken cancellationToken)
    {
        if (await control.ReadAsync(Kind, Key, cancellationToken) is null)
        {
            await control.TryWriteAsync(Kind, Key, 0, "true"u8.ToArray(), cancellationToken);
        }
    }

    /// <summary>Lets the folder live by the system's clock from now on.</summary>
    public static async Task MarkSystemAsync(IControlStateStore control, CancellationToken cancellationToken)
    {
        if (await control.ReadAsync(Kind, Key, cancellationToken) is { } document)
        {
            await control.TryRemoveAsync(Kind, Key, document.Version, cancellationToken);
        }
    }

    /// <summary>The clock to open the folder with: one that goes on where the replay stopped, or the system's.</summary>
    public static async Task<TimeProvider> ReadAsync(IControlStateStore control, SegmentTotals totals, CancellationToken cancellationToken)
    {
        if (await control.ReadAsync(Kind, Key, cancellationToken) is null)
        {
            return TimeProvider.System;
        }

        var clock = new ReplayClock(DateTimeOffset.FromUnixTimeMilliseconds(totals.LatestOccurredAtMilliseconds));
        clock.Run();
        return clock;
    }
}
