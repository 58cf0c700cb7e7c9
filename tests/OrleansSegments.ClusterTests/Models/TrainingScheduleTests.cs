#if !USE_ORLEANS
using System.Text.Json;
using OrleansSegments.LocalRuntime.Reminders;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Storage.Control;
using Xunit;

namespace OrleansSegments.ClusterTests.Models;

public sealed class TrainingScheduleTests
{
    /// <summary>The reminder was once registered anew at every start: a process that restarted more often than the interval never trained.</summary>
    [Fact]
    public async Task A_restart_leaves_the_training_schedule_where_it_was_and_switching_it_off_removes_it()
    {
        string folder = Directory.CreateTempSubdirectory("segments-schedule-").FullName;
        try
        {
            ReminderEntry first = Assert.Single(await RemindersAsync(folder, scheduled: true, day: 0));
            ReminderEntry second = Assert.Single(await RemindersAsync(folder, scheduled: true, day: 0.01));

            Assert.Equal(first.NextDueAt, second.NextDueAt);
            Assert.Empty(await RemindersAsync(folder, scheduled: false, day: 0.02));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<ReminderEntry>> RemindersAsync(string folder, bool scheduled, double day)
    {
        DateTimeOffset start = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day);
        var settings = new SiloSettings(StoreArguments.InFolder(folder), Urls: null, ReplayFrom: start, ScheduledTraining: scheduled, IsQuiet: true);
        await using SiloHost host = await SiloHost.StartAsync(settings, CancellationToken.None);
        IReadOnlyList<ControlDocument> documents = await host.Service<IControlStateStore>().ReadAllAsync("reminder", CancellationToken.None);
        return [.. documents.Select(d => JsonSerializer.Deserialize<ReminderEntry>(d.Content)!)];
    }
}
#endif
