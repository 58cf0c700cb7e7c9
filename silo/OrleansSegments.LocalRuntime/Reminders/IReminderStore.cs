namespace OrleansSegments.LocalRuntime.Reminders;

/// <summary>Where reminders survive a restart. Calls are few: one per registration and one per tick.</summary>
public interface IReminderStore
{
    ValueTask<IReadOnlyList<ReminderEntry>> ReadAllAsync(CancellationToken cancellationToken);

    /// <summary>Inserts the entry, or replaces the one of the same grain and name.</summary>
    ValueTask WriteAsync(ReminderEntry entry, CancellationToken cancellationToken);

    ValueTask RemoveAsync(string grainType, string grainKey, string reminderName, CancellationToken cancellationToken);
}
