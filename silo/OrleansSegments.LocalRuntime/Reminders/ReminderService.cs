using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;

namespace OrleansSegments.LocalRuntime.Reminders;

/// <summary>
/// Ticks stored reminders, each with one timer of the silo's clock: meant for a handful, not for one per customer. The next due time is stored
/// before the tick is delivered, so that a tick missed while the process was down is delivered once at start.
/// </summary>
internal sealed class ReminderService(LocalSilo silo, IReminderStore store)
{
    private readonly ConcurrentDictionary<(string Type, string Key, string Name), Reminder> _reminders = new();
    private volatile bool _isRunning;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _isRunning = true;
        foreach (var entry in await store.ReadAllAsync(cancellationToken))
        {
            Schedule(entry);
        }
    }

    public void Stop()
    {
        _isRunning = false;
        foreach (var reminder in _reminders.Values)
        {
            reminder.Stop();
        }
    }

    public async Task<IGrainReminder> RegisterAsync(GrainClass grainClass, string key, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < silo.Options.ReminderPeriodMin)
        {
            throw new ArgumentException(
                $"Reminder '{name}' has a period of {period}; it must be {silo.Options.ReminderPeriodMin} or more. Use a timer for shorter ones.",
                nameof(period));
        }

        var first = silo.Clock.GetUtcNow() + dueTime;
        var entry = new ReminderEntry(grainClass.Name, key, name, first, period, first);
        await store.WriteAsync(entry, CancellationToken.None);
        return Schedule(entry);
    }

    public async Task RemoveAsync(IGrainReminder reminder)
    {
        var entry = ((Reminder)reminder).Entry;
        if (_reminders.TryRemove((entry.GrainType, entry.GrainKey, entry.ReminderName), out var scheduled))
        {
            scheduled.Stop();
        }

        await store.RemoveAsync(entry.GrainType, entry.GrainKey, entry.ReminderName, CancellationToken.None);
    }

    public IGrainReminder? Find(GrainClass grainClass, string key, string name) => _reminders.GetValueOrDefault((grainClass.Name, key, name));

    public List<IGrainReminder> Of(GrainClass grainClass, string key) =>
        [.. _reminders.Where(pair => pair.Key.Type == grainClass.Name && pair.Key.Key == key).Select(pair => pair.Value)];

    /// <summary>Stores the next due time and calls the grain.</summary>
    public async Task TickAsync(Reminder reminder)
    {
        var now = silo.Clock.GetUtcNow();
        var entry = reminder.Entry;
        if (now < entry.NextDueAt)
        {
            // Half-way to a due time that lies beyond what one timer can wait.
            reminder.Wind(now);
            return;
        }

        try
        {
            var missed = (now - entry.FirstTickAt).Ticks / entry.Period.Ticks;
            reminder.Entry = entry with { NextDueAt = entry.FirstTickAt + (entry.Period * (missed + 1)) };
            await store.WriteAsync(reminder.Entry, silo.Stopping);
            var grain = silo.Catalog.ByName(entry.GrainType)!.ReferenceTo<IRemindable>(entry.GrainKey);
            await grain.ReceiveReminder(
                entry.ReminderName, new TickStatus(entry.FirstTickAt.UtcDateTime, entry.Period, now.UtcDateTime));
        }
        catch (Exception error)
        {
            silo.Log.LogWarning(
                error, "Reminder {Name} of {Type}/{Key} failed; it ticks on.", entry.ReminderName, entry.GrainType, entry.GrainKey);
        }

        if (_isRunning)
        {
            reminder.Wind(silo.Clock.GetUtcNow());
        }
    }

    private Reminder Schedule(ReminderEntry entry)
    {
        if (silo.Catalog.ByName(entry.GrainType) is null)
        {
            silo.Log.LogWarning("Reminder {Name} belongs to '{Type}', which no grain class is; it is kept.", entry.ReminderName, entry.GrainType);
        }

        var reminder = new Reminder(this, silo.Clock, entry);
        var key = (entry.GrainType, entry.GrainKey, entry.ReminderName);
        _reminders.AddOrUpdate(key, reminder, (_, former) =>
        {
            former.Stop();
            return reminder;
        });
        reminder.Wind(silo.Clock.GetUtcNow());
        return reminder;
    }
}
