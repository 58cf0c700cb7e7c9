using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Grains.Models;

/// <summary>The silo's copy of the published model, kept fresh by a long poll on the model grain. Reading it costs one volatile load.</summary>
public sealed partial class ModelCache(IGrainFactory grains, FeatureCatalogue catalogue, TimeProvider clock, ILogger<ModelCache> logger) : BackgroundService
{
    /// <summary>How long one poll waits; below the runtime's response timeout.</summary>
    public static readonly TimeSpan PollWait = TimeSpan.FromSeconds(15);

    /// <summary>How long to wait after a poll that failed.</summary>
    public static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    /// <summary>How often a starting silo asks for the model; the grain may still be thought to be on a silo that has just died.</summary>
    public const int StartAttemptsMax = 60;

    private readonly Lock _gate = new();
    private volatile LiveModel _current = new(ModelDocuments.Read(ModelDocuments.BeforeTraining, catalogue), rolloutComplete: true, FrozenDictionary<int, EarlierSegment>.Empty);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The model in force on this silo. Its version never goes down.</summary>
    public LiveModel Current => _current;

    /// <summary>Completes when <see cref="Current"/> is newer than the given version.</summary>
    public async Task<LiveModel> WaitForNewerAsync(int version, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (_current is var current && current.Version > version)
            {
                return current;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Notes that every customer of this silo was evaluated under a model.</summary>
    public void CompleteRollout(int version)
    {
        lock (_gate)
        {
            if (_current.Version == version && !_current.RolloutComplete)
            {
                _current = new LiveModel(_current.Model, rolloutComplete: true, _current.AllSegments());
            }
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Nobody is served before the model is known: an answer under an older one would break "never a lower version afterwards".
        IModelGrain grain = grains.GetGrain<IModelGrain>(0);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                RolloutProgress rollout = await grain.Rollout();
                PublishedModel current = await grain.Current();
                Take(current, rollout.Complete && rollout.ModelVersion == current.Version);
                break;
            }
            catch (Exception problem) when (problem is OrleansException or TimeoutException && attempt < StartAttemptsMax)
            {
                LogPollFailed(logger, problem);
                await Task.Delay(RetryWait, cancellationToken);
            }
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IModelGrain grain = grains.GetGrain<IModelGrain>(0);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                long askedAt = clock.GetTimestamp();
                PublishedModel? next = await grain.Next(_current.Version, PollWait).WaitAsync(stoppingToken);
                if (next is not null)
                {
                    Take(next, rolloutComplete: false);
                }
                else
                {
                    if (!_current.RolloutComplete && await grain.Rollout() is { Complete: true } rollout)
                    {
                        // Silos are told; one that was just starting when they were may have missed it.
                        CompleteRollout(rollout.ModelVersion);
                    }

                    await LongPoll.PauseIfEarlyAsync(clock, askedAt, stoppingToken);
                }
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogPollFailed(logger, problem);
                await Task.Delay(RetryWait, stoppingToken);
            }
        }
    }

    private void Take(PublishedModel published, bool rolloutComplete)
    {
        SegmentModel model = ModelDocuments.Read(published, catalogue);
        lock (_gate)
        {
            if (published.Version <= _current.Version && published.Version != 0)
            {
                return;
            }

            _current = new LiveModel(model, rolloutComplete, _current.AllSegments());
            TaskCompletionSource changed = _changed;
            Volatile.Write(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            changed.TrySetResult();
        }

        LogModelInForce(logger, model.Version, model.SegmentIds.Length);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Version} with {SegmentCount} segments is in force")]
    private static partial void LogModelInForce(ILogger logger, int version, int segmentCount);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Asking for the next model failed; asking again")]
    private static partial void LogPollFailed(ILogger logger, Exception problem);
}

/// <summary>A question that its grain answers when there is something to say, or after a while without an answer.</summary>
internal static class LongPoll
{
    /// <summary>Between two questions that are both answered at once.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Waits before the next question when the answer was nothing and came at once: a grain whose silo stops lets nobody wait, and would be
    /// asked again and again for as long as the silo drains.
    /// </summary>
    /// <param name="askedAt">A time stamp of <paramref name="clock"/>.</param>
    public static Task PauseIfEarlyAsync(TimeProvider clock, long askedAt, CancellationToken cancellationToken) =>
        clock.GetElapsedTime(askedAt) < Pause ? Task.Delay(Pause, clock, cancellationToken) : Task.CompletedTask;
}
