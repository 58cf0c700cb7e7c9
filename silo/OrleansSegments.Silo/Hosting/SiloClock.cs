using OrleansSegments.Silo.Replay;
using OrleansSegments.Storage;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Chooses the clock that a silo opens a store with: the system's, or one that stands where the store's replayed history ended. A store that was filled
/// with orders of 2011 would otherwise wake up fifteen years later, with every customer lapsed.
/// </summary>
internal static class SiloClock
{
    /// <summary>Replayed history that ended no longer ago than this is served in the present.</summary>
    public static readonly TimeSpan PresentWithin = TimeSpan.FromDays(30);

    /// <summary>History may hold events of so far ahead and still be of the present: times without their zone are off by up to a day.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    public static async Task<TimeProvider> OpenAsync(SiloSettings settings, IStore store, CancellationToken cancellationToken)
    {
        if (settings.UseSystemClock)
        {
            await FolderClock.EndReplayAsync(store.Control, cancellationToken);
            return TimeProvider.System;
        }

        if (settings.ReplayFrom is { } start)
        {
            await FolderClock.BeginReplayAsync(store.Control, cancellationToken);
            return new ReplayClock(start);
        }

        bool? isReplayed = await FolderClock.ReadAsync(store.Control, cancellationToken);
        bool isEmpty = store.Customers.Totals.Population == 0;
        DateTimeOffset latest = DateTimeOffset.FromUnixTimeMilliseconds(store.Customers.Totals.LatestOccurredAtMilliseconds);
        if (settings.IsImport)
        {
            return await OpenForImportAsync(store, isReplayed, isEmpty, latest, cancellationToken);
        }

        if (isReplayed is not true)
        {
            return TimeProvider.System;
        }

        if (isEmpty || IsPresent(latest))
        {
            await FolderClock.EndReplayAsync(store.Control, cancellationToken);
            return TimeProvider.System;
        }

        return settings.Cluster is null ? Running(latest) : throw NoTimeInCommon(latest);
    }

    /// <summary>Whether history that ended at this moment goes on in the present.</summary>
    public static bool IsPresent(DateTimeOffset latest) =>
        TimeProvider.System.GetUtcNow() - latest is var age && age <= PresentWithin && age >= -AheadMax;

    /// <summary>History is replayed into an empty store, or behind what was replayed before. A store that lives in the present takes it as late events.</summary>
    private static async Task<TimeProvider> OpenForImportAsync(
        IStore store, bool? isReplayed, bool isEmpty, DateTimeOffset latest, CancellationToken cancellationToken)
    {
        if (isReplayed is false || (isReplayed is null && !isEmpty))
        {
            return TimeProvider.System;
        }

        await FolderClock.BeginReplayAsync(store.Control, cancellationToken);
        return new ReplayClock(isEmpty ? DateTimeOffset.UnixEpoch : latest);
    }

    private static ReplayClock Running(DateTimeOffset start)
    {
        var clock = new ReplayClock(start);
        clock.Run();
        return clock;
    }

    private static CommandException NoTimeInCommon(DateTimeOffset latest) => new(
        $"the store was filled with history that ended on {latest:yyyy-MM-dd}, and the silos of a cluster share the present. Add --system-clock to bring it there, or look "
        + "at it in one process, without --cluster.");
}
