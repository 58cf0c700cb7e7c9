using Orleans.Runtime;
using OrleansSegments.LocalRuntime.Activations;
using OrleansSegments.LocalRuntime.Reminders;

namespace Orleans;

/// <summary>Reminders for grain classes that implement <see cref="IRemindable"/>.</summary>
public static class GrainReminderExtensions
{
    /// <summary>Registers a reminder or replaces the one of that name; it is stored when the task completes.</summary>
    public static Task<IGrainReminder> RegisterOrUpdateReminder(this Grain grain, string reminderName, TimeSpan dueTime, TimeSpan period) =>
        RegisterOrUpdateReminder((IGrainBase)grain, reminderName, dueTime, period);

    /// <inheritdoc cref="RegisterOrUpdateReminder(Grain, string, TimeSpan, TimeSpan)"/>
    public static Task<IGrainReminder> RegisterOrUpdateReminder(
        this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        if (grain is not IRemindable)
        {
            throw new InvalidOperationException($"{grain.GetType().Name} must implement {nameof(IRemindable)} to have reminders.");
        }

        var activation = (Activation)grain.GrainContext;
        return Reminders(grain).RegisterAsync(activation.Class, activation.Key, reminderName, dueTime, period);
    }

    public static Task UnregisterReminder(this Grain grain, IGrainReminder reminder) => UnregisterReminder((IGrainBase)grain, reminder);

    public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder) => Reminders(grain).RemoveAsync(reminder);

    public static Task<IGrainReminder?> GetReminder(this Grain grain, string reminderName) => GetReminder((IGrainBase)grain, reminderName);

    public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName)
    {
        var activation = (Activation)grain.GrainContext;
        return Task.FromResult(Reminders(grain).Find(activation.Class, activation.Key, reminderName));
    }

    public static Task<List<IGrainReminder>> GetReminders(this Grain grain) => GetReminders((IGrainBase)grain);

    public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain)
    {
        var activation = (Activation)grain.GrainContext;
        return Task.FromResult(Reminders(grain).Of(activation.Class, activation.Key));
    }

    private static ReminderService Reminders(IGrainBase grain) => ((Activation)grain.GrainContext).Class.Silo.Reminders;
}
