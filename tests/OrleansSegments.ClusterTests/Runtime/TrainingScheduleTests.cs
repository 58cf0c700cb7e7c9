using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Reminders;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Training;
using OrleansSegments.Storage.Control;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Runtime;

/// <summary>The training schedule is an Orleans reminder; a single silo keeps it as a document of the store.</summary>
public sealed class TrainingScheduleTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Interval = new TrainingScheduleOptions().Interval;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Regression: the reminder was registered again at every start, so a process that restarted more often than the interval never
    /// trained.
    /// </summary>
    [Fact]
    public async Task A_restart_leaves_the_training_schedule_where_it_was_and_switching_it_off_removes_it()
    {
        DateTime due;
        await using (var first = await StartAsync(isScheduled: true))
        {
            await first.RouteAllAsync(Shoppers());
            due = await ReadDueAsync(first);
        }

        await using (var second = await StartAsync(isScheduled: true, later: Interval / 2))
        {
            Assert.Equal(due, await ReadDueAsync(second));
            Assert.InRange((await ProgressAsync(second)).NextAt!.Value - second.Clock.GetUtcNow(), TimeSpan.Zero, Interval / 2);

            // Trainings are serialized: one started at the start would have been the first.
            Assert.Equal(1, (await second.TrainAsync()).Summary!.Version);
            Assert.Equal(2, (await second.TrainAsync()).Summary!.Version);
        }

        await using var third = await StartAsync(isScheduled: false);
        Assert.Empty(await ReadRemindersAsync(third));
        Assert.Null((await ProgressAsync(third)).NextAt);
    }

    /// <summary>Orleans continues with the next tick of the schedule: a process that was down at every tick would never train.</summary>
    [Fact]
    public async Task A_training_that_fell_due_while_the_process_was_down_runs_at_the_start_and_the_next_an_interval_later()
    {
        DateTime due;
        await using (var first = await StartAsync(isScheduled: true))
        {
            await first.RouteAllAsync(Shoppers());
            due = await ReadDueAsync(first);
        }

        await using var second = await StartAsync(isScheduled: true, later: 1.5 * Interval);
        await Condition.HoldsAsync("a model was trained", async () => (await second.Models.List()).Length == 1);
        await Condition.HoldsAsync("the next training is scheduled", async () => await ReadDueAsync(second) > due);
        Assert.InRange(await ReadDueAsync(second) - due, 1.5 * Interval, 2 * Interval);
    }

    private Task<TestSilo> StartAsync(bool isScheduled, TimeSpan later = default) => TestSilo.StartAsync(_folder, Start, services =>
    {
        services.Configure<TrainingScheduleOptions>(options => options.Scheduled = isScheduled);
        services.AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, new ShiftedTime(later));
    });

    private static Task<TrainingProgress> ProgressAsync(TestSilo silo) => silo.Grains.GetGrain<ITrainingGrain>(0).Progress();

    private static IEnumerable<Contracts.Events.CustomerEvent> Shoppers() =>
        Enumerable.Range(0, 60).SelectMany(number => RandomShopper.History($"customer-{number}", number, 5, Start.AddDays(-9), Start));

    private static async Task<DateTime> ReadDueAsync(TestSilo silo)
    {
        var reminder = Assert.Single(await ReadRemindersAsync(silo));
        return JsonDocument.Parse(reminder.Content).RootElement.GetProperty("StartAt").GetDateTime();
    }

    private static async Task<IReadOnlyList<ControlDocument>> ReadRemindersAsync(TestSilo silo) =>
        await silo.Service<IControlStateStore>().ReadAllAsync("orleans-reminder", CancellationToken.None);
}

/// <summary>The system clock, shifted ahead by the time that the process was down.</summary>
internal sealed class ShiftedTime(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
