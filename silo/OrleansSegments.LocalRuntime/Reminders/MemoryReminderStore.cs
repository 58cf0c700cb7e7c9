using System.Collections.Concurrent;

namespace OrleansSegments.LocalRuntime.Reminders;

/// <summary>Keeps reminders for the life of this object only: the default, and for tests that restart a silo around it.</summary>
public sealed class MemoryReminderStore : IReminderStore
{
    private readonly ConcurrentDictionary<(string Type, string Key, string Name), ReminderEntry> _entries = new();

    public ValueTask<IReadOnlyList<ReminderEntry>> ReadAllAsync(CancellationToken cancellationToken) => new([.. _entries.Values]);

    public ValueTask WriteAsync(ReminderEntry entry, CancellationToken cancellationToken)
    {
        _entries[(entry.GrainType, entry.GrainKey, entry.ReminderName)] = entry;
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveAsync(string grainType, string grainKey, string reminderName, CancellationToken cancellationToken)
    {
        _entries.TryRemove((grainType, grainKey, reminderName), out _);
        return ValueTask.CompletedTask;
    }
}
