namespace Orleans.Runtime;

/// <summary>A stored reminder of one grain.</summary>
public interface IGrainReminder
{
    string ReminderName { get; }
}
