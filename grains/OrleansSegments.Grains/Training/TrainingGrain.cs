using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Models;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// Owns the training schedule and the run in progress. Key: 0. A crash loses the run in progress; the reminder starts another. Not reentrant:
/// one training at a time, a second caller waits for its turn.
/// </summary>
public sealed class TrainingGrain(SegmentTrainer trainer, IOptions<TrainingScheduleOptions> options, TimeProvider clock)
    : Grain, ITrainingGrain, IRemindable
{
    /// <summary>The interval is in the name, so that a restart leaves a running schedule alone and a changed setting replaces it.</summary>
    private string ReminderName => $"train every {options.Value.Interval:c}";

    public async Task EnsureScheduled()
    {
        string wanted = options.Value.Scheduled ? ReminderName : "";
        IEnumerable<IGrainReminder> reminders = await this.GetReminders();
        foreach (IGrainReminder other in reminders.Where(r => r.ReminderName != wanted).ToArray())
        {
            await this.UnregisterReminder(other);
        }

        if (options.Value.Scheduled && await this.GetReminder(wanted) is null)
        {
            await this.RegisterOrUpdateReminder(wanted, options.Value.Interval, options.Value.Interval);
        }
    }

    public async Task<TrainingReport> Train(TrainingRequest request)
    {
        long startedAt = clock.GetTimestamp();
        IModelGrain models = GrainFactory.GetGrain<IModelGrain>(0);
        PublishedModel published = await models.Current();
        ModelSummary[] known = await models.List();
        int version = Math.Max(published.Version, known.Length == 0 ? 0 : known.Max(m => m.Version)) + 1;
        TrainedModel? trained = await trainer.TrainAsync(published, version, request, CancellationToken.None);
        if (trained is null)
        {
            return new TrainingReport(
                false, $"There are fewer customers than {options.Value.PopulationMin} (Training:PopulationMin).", null, clock.GetElapsedTime(startedAt));
        }

        await models.Submit(trained);
        return new TrainingReport(trained.Summary.Published, trained.Summary.Reason, trained.Summary, clock.GetElapsedTime(startedAt));
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Train(new TrainingRequest());
}
