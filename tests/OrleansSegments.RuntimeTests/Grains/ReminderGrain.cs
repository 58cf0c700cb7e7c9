using Orleans;
using Orleans.Runtime;
using OrleansSegments.RuntimeTests.Hosting;

namespace OrleansSegments.RuntimeTests.Grains;

public sealed class ReminderGrain(Probe probe) : Grain, IReminderGrain, IRemindable
{
    public Task Register(string name, TimeSpan dueTime, TimeSpan period) => this.RegisterOrUpdateReminder(name, dueTime, period);

    public async Task Unregister(string name)
    {
        if (await this.GetReminder(name) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    public async Task<string[]> Names() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName)];

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        probe.Hit($"reminded:{this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }
}
