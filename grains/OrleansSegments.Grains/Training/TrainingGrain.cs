using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Reminders;
using Orleans.Runtime;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Models;

namespace OrleansSegments.Grains.Training;

/// <summary>
/// Owns the training schedule and the running training. Key: 0. A crash loses the running training; the next start begins another. Not
/// reentrant: one training at a time, a second caller waits. <see cref="EnsureScheduled"/> interleaves with a training but touches only the
/// schedule; <see cref="Progress"/> only reads. Orleans skips reminder ticks that fell due while no silo ran. Therefore each scheduled training registers its reminder again
/// when it ends: the stored time is when the next training is due, and a stored time in the past means that a training was missed.
/// </summary>
public sealed class TrainingGrain(
    SegmentTrainer trainer,
    SegmentsMetrics metrics,
    IOptions<TrainingScheduleOptions> options,
    TimeProvider clock,
    IReminderTable reminders,
    [FromKeyedServices(ReminderTimeProviderNames.Reminders)] TimeProvider reminderClock)
    : Grain, ITrainingGrain, IRemindable
{
    /// <summary>When a training that failed after a change of features is tried again; silos with the old features may still be running.</summary>
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(5);

    private IGrainTimer? _due;
    private RunningTraining? _running;
    private LastTraining? _last;

    /// <summary>The name contains the interval, so a restart keeps a running schedule and a changed setting replaces it.</summary>
    private string ReminderName => $"train every {options.Value.Interval:c}";

    public async Task EnsureScheduled()
    {
        string wanted = options.Value.Scheduled ? ReminderName : "";
        IEnumerable<IGrainReminder> known = await this.GetReminders();
        foreach (IGrainReminder other in known.Where(r => r.ReminderName != wanted).ToArray())
        {
            await this.UnregisterReminder(other);
        }

        if (options.Value.Scheduled && await this.GetReminder(wanted) is null)
        {
            await ScheduleNext();
        }

        if (await IsOverdue() || await IsCarriedOver())
        {
            _due ??= this.RegisterGrainTimer(TrainIfDue, TimeSpan.Zero, RetryWait);
        }
    }

    public Task<TrainingReport> Train(TrainingRequest request) => SegmentsTraces.RunAsync("train", async span =>
    {
        TrainingEnd end = TrainingEnd.Failed;
        try
        {
            TrainingReport report = await TrainAndSubmit(request);
            end = report.Published ? TrainingEnd.Published : report.Summary is null ? TrainingEnd.Skipped : TrainingEnd.Kept;
            span?.SetTag("segments.model.version", report.Summary?.Version).SetTag("segments.customers", report.Summary?.Population);
            return report;
        }
        finally
        {
            metrics.Trained(end);
            span?.SetTag("segments.training.outcome", end.ToString());
        }
    });

    public Task ReceiveReminder(string reminderName, TickStatus status) => TrainOnSchedule();

    private async Task<TrainingReport> TrainAndSubmit(TrainingRequest request)
    {
        _running = new RunningTraining(clock.GetUtcNow(), TrainingStage.Reading);
        try
        {
            TrainingReport report = await TrainNow(request);
            _last = new LastTraining(report.Published, report.Reason, report.Summary?.Version, clock.GetUtcNow());
            return report;
        }
        catch
        {
            _last = new LastTraining(false, "The training failed; the log of the silo says why.", null, clock.GetUtcNow());
            throw;
        }
        finally
        {
            _running = null;
        }
    }

    public async Task<TrainingProgress> Progress()
    {
        TimeSpan? wait = await WaitForNext();
        LastTraining? kept = _last is null ? LastOf(await GrainFactory.GetGrain<IModelGrain>(0).List()) : null;
        return new TrainingProgress(
            _running is not null, _running?.Stage.Name, _running?.StartedAt, _running?.Stage.Rounds ?? 0, _last ?? kept, clock.GetUtcNow() + wait);
    }

    private async Task<TrainingReport> TrainNow(TrainingRequest request)
    {
        long startedAt = clock.GetTimestamp();
        IModelGrain models = GrainFactory.GetGrain<IModelGrain>(0);
        PublishedModel published = await models.Current();
        ModelSummary[] known = await models.List();
        int version = Math.Max(published.Version, known.Length == 0 ? 0 : known.Max(m => m.Version)) + 1;
        TrainedModel? trained = await trainer.TrainAsync(
            published, version, request, stage => _running = _running! with { Stage = stage }, CancellationToken.None);
        if (trained is null)
        {
            return new TrainingReport(
                false, $"There are fewer customers than {options.Value.PopulationMin} (Training:PopulationMin).", null, clock.GetElapsedTime(startedAt));
        }

        _running = _running! with { Stage = TrainingStage.Publishing };
        await models.Submit(trained);
        return new TrainingReport(trained.Summary.Published, trained.Summary.Reason, trained.Summary, clock.GetElapsedTime(startedAt));
    }

    /// <summary>
    /// Runs in a turn of its own, so that no silo start waits for it, until it ends without a failure. A training that ended meanwhile
    /// may have covered the one that was due.
    /// </summary>
    private async Task TrainIfDue(CancellationToken cancellationToken)
    {
        try
        {
            if (await IsOverdue())
            {
                await TrainOnSchedule();
            }
            else if (await IsCarriedOver())
            {
                await Train(new TrainingRequest());
            }
        }
        catch (IOException)
        {
            // The store is away, or silos still have the old features; whoever could not work has logged it.
            return;
        }

        _due?.Dispose();
        _due = null;
    }

    private async Task TrainOnSchedule()
    {
        await Train(new TrainingRequest());
        await ScheduleNext();
    }

    private async Task ScheduleNext() => await this.RegisterOrUpdateReminder(ReminderName, options.Value.Interval, options.Value.Interval);

    private async Task<bool> IsOverdue() => await WaitForNext() < TimeSpan.Zero;

    /// <summary>The time until the schedule trains next, negative when that is overdue; null when there is no schedule.</summary>
    private async Task<TimeSpan?> WaitForNext() => options.Value.Scheduled && await reminders.ReadRow(this.GetGrainId(), ReminderName) is { } row
        ? row.StartAt - reminderClock.GetUtcNow().UtcDateTime
        : null;

    /// <summary>The end of the newest training among the kept models, for the time after a start; a model that was published again was not trained again.</summary>
    private static LastTraining? LastOf(ModelSummary[] newestFirst) => newestFirst.Reverse().MaxBy(model => model.TrainedAt) is { } trained
        ? new LastTraining(trained.Published, trained.Reason, trained.Version, trained.TrainedAt)
        : null;

    /// <summary>True after a change of the features, until a model was trained under the new ones.</summary>
    private async Task<bool> IsCarriedOver() => ModelDocuments.IsCarriedOver((await GrainFactory.GetGrain<IModelGrain>(0).Current()).Document);
}

/// <summary>Options of training.</summary>
public sealed class TrainingScheduleOptions
{
    public const string Section = "Training";

    /// <summary>Between scheduled trainings. 1 min to 31 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "31.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether the schedule runs; training on demand always does.</summary>
    public bool Scheduled { get; set; } = true;

    /// <summary>Customers below which there is nothing to learn from. 2 to 1000000.</summary>
    [Range(2, 1_000_000)]
    public int PopulationMin { get; set; } = 50;

    /// <summary>Fewest segments considered when K is chosen. 2 to 64.</summary>
    [Range(2, 64)]
    public int SegmentsMin { get; set; } = 4;

    /// <summary>Most segments considered when K is chosen. 2 to 64.</summary>
    [Range(2, 64)]
    public int SegmentsMax { get; set; } = 10;

    /// <summary>Fixes the number of segments; 0 leaves the choice to stability. 0 to 64.</summary>
    [Range(0, 64)]
    public int SegmentsFixed { get; set; }

    /// <summary>Seed of sampling and seeding; the same population and seed give the same centroids to the bit.</summary>
    public ulong Seed { get; set; } = 1;
}
