namespace OrleansSegments.LocalRuntime.Reminders;

/// <summary>One stored reminder. <see cref="NextDueAt"/> is kept, so that a tick missed while the process was down is known.</summary>
public sealed record ReminderEntry(
    string GrainType, string GrainKey, string ReminderName, DateTimeOffset FirstTickAt, TimeSpan Period, DateTimeOffset NextDueAt);
