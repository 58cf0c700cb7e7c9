using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Engine.Features;
using OrleansSegments.Engine.Models;

namespace OrleansSegments.Grains.Models;

/// <summary>
/// The silo's copy of the published model, kept current by long polls to the model grain. Reading it is one volatile load.
/// </summary>
public sealed partial class ModelCache(IGrainFactory grains, CatalogueHistory catalogues, TimeProvider clock, ILogger<ModelCache> logger) : BackgroundService
{
    /// <summary>Duration of one poll; below Orleans' response timeout.</summary>
    public static readonly TimeSpan PollWait = TimeSpan.FromSeconds(15);

    /// <summary>Wait after a failed poll.</summary>
    public static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile LiveModel _current = new(ModelDocuments.Read(ModelDocuments.BeforeTraining, catalogues.Current!), rolloutComplete: true, FrozenDictionary<int, EarlierSegment>.Empty);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The current model of this silo. Its version never decreases.</summary>
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

    /// <summary>Records that every customer was evaluated under a model.</summary>
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
        // Wait for the model before serving: an answer under an older model would break the promise that versions never go down.
        await LongPoll.ReadAtStartAsync(ReadAsync, problem => LogPollFailed(logger, problem), cancellationToken);
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
                        // Silos are notified of the end; one that was starting at that time may have missed it.
                        CompleteRollout(rollout.ModelVersion);
                    }

                    await LongPoll.PauseIfEarlyAsync(clock, askedAt, stoppingToken);
                }
            }
            catch (StateLayoutException problem)
            {
                LogOutdated(logger, problem.Message);
                await Task.Delay(PollWait, stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogPollFailed(logger, problem);
                await Task.Delay(RetryWait, stoppingToken);
            }
        }
    }

    private async Task ReadAsync()
    {
        IModelGrain grain = grains.GetGrain<IModelGrain>(0);
        RolloutProgress rollout = await grain.Rollout();
        PublishedModel current = await grain.Current();
        if (ModelDocuments.CarryOver(current, catalogues, await NextVersionAsync(grain)) is { } carried)
        {
            current = await grain.Submit(carried);
        }

        Take(current, rollout.Complete && rollout.ModelVersion == current.Version);
    }

    private static async Task<int> NextVersionAsync(IModelGrain grain) =>
        (await grain.List()).Select(model => model.Version).DefaultIfEmpty().Max() + 1;

    private void Take(PublishedModel published, bool rolloutComplete)
    {
        SegmentModel model = ModelDocuments.Read(published, catalogues.Current!);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Version} with {SegmentCount} segments is now current")]
    private static partial void LogModelInForce(ILogger logger, int version, int segmentCount);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem} The cluster has adopted new features: restart this silo with the same features.json")]
    private static partial void LogOutdated(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Polling for the next model failed; polling again")]
    private static partial void LogPollFailed(ILogger logger, Exception problem);
}

/// <summary>Helper for long polls: calls that the grain answers when there is news or the wait is over.</summary>
internal static class LongPoll
{
    /// <summary>Minimum distance of two polls that are answered immediately.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private const int StartAttemptsMax = 60;

    /// <summary>
    /// Waits before the next poll when the last one returned early without news: a stopping silo's grain answers at once and would
    /// otherwise be polled in a tight loop while the silo drains.
    /// </summary>
    /// <param name="askedAt">A timestamp of <paramref name="clock"/>.</param>
    public static Task PauseIfEarlyAsync(TimeProvider clock, long askedAt, CancellationToken cancellationToken) =>
        clock.GetElapsedTime(askedAt) < Pause ? Task.Delay(Pause, clock, cancellationToken) : Task.CompletedTask;

    /// <summary>Reads what a silo must know before it serves, again while the grain directory may still name a silo that has just died.</summary>
    public static async Task ReadAtStartAsync(Func<Task> read, Action<Exception> onFailure, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await read();
                return;
            }
            catch (Exception problem) when (problem is OrleansException or TimeoutException or ArgumentException && attempt < StartAttemptsMax)
            {
                onFailure(problem);
                await Task.Delay(ModelCache.RetryWait, cancellationToken);
            }
        }
    }
}
