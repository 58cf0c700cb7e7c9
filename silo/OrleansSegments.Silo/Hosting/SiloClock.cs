using OrleansSegments.Storage;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Chooses the clock for opening a store: the system clock, or a replayed clock that continues where the store's imported history ended. On
/// the system clock a store filled with orders of 2011 would find every customer lapsed.
/// </summary>
internal static class SiloClock
{
    /// <summary>Imported history that ended at most this long ago is served on the system clock.</summary>
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

    /// <summary>True when history that ended at this moment continues on the system clock.</summary>
    public static bool IsPresent(DateTimeOffset latest) =>
        TimeProvider.System.GetUtcNow() - latest is var age && age <= PresentWithin && age >= -AheadMax;

    /// <summary>
    /// History is replayed into an empty store, or after previously replayed history. A store on the system clock takes it as late events.
    /// </summary>
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
        $"the store holds imported history that ended on {latest:yyyy-MM-dd} and runs on a replayed clock, but a cluster runs on the system clock. Add --system-clock to switch, or open "
        + "it in one process, without --cluster.");
}
