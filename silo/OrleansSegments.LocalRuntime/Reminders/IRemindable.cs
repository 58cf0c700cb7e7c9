using Orleans.Runtime;

namespace Orleans;

/// <summary>A grain that reminders can wake, also after a restart.</summary>
public interface IRemindable : IGrain
{
    Task ReceiveReminder(string reminderName, TickStatus status);
}
