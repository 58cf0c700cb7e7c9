using Orleans.Runtime;

namespace OrleansSegments.LocalRuntime.Reminders;

/// <summary>A scheduled reminder. A tick in progress is not overtaken by the next.</summary>
internal sealed class Reminder : IGrainReminder
{
    private readonly ITimer _timer;
    private volatile bool _isStopped;

    public Reminder(ReminderService service, TimeProvider clock, ReminderEntry entry)
    {
        Entry = entry;
        _timer = clock.CreateTimer(
            _ => Due(service), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ReminderEntry Entry { get; set; }

    public string ReminderName => Entry.ReminderName;

    public void Wind(DateTimeOffset now)
    {
        if (!_isStopped)
        {
            // A timer takes at most 49 days; the tick of a later reminder is wound again on the way.
            var wait = Entry.NextDueAt - now;
            var longest = TimeSpan.FromDays(30);
            _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait > longest ? longest : wait, Timeout.InfiniteTimeSpan);
        }
    }

    public void Stop()
    {
        _isStopped = true;
        _timer.Dispose();
    }

    private void Due(ReminderService service)
    {
        if (!_isStopped)
        {
            _ = service.TickAsync(this);
        }
    }
}
