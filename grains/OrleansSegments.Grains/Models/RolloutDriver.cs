using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Populations;

namespace OrleansSegments.Grains.Models;

/// <summary>
/// Drives the roll-out of a model over all silos, on the silo of the model grain. First every silo must have the model: from then on nobody
/// is placed under an older one. Then every range of the population is evaluated once, and the roll-out is complete, whatever events and
/// time change meanwhile. After a crash it starts over; customers already done are not changed again.
/// </summary>
public sealed partial class RolloutDriver(
    PopulationSteps steps, IGrainFactory grains, IHostApplicationLifetime host, TimeProvider clock, ILogger<RolloutDriver> logger)
{
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private CancellationTokenSource? _running;
    private int _version;

    /// <summary>Ensures that exactly this model's roll-out is running.</summary>
    public void Ensure(int version)
    {
        lock (_gate)
        {
            if (_running is not null && _version == version)
            {
                return;
            }

            _running?.Cancel();
            var running = CancellationTokenSource.CreateLinkedTokenSource(host.ApplicationStopping);
            (_running, _version) = (running, version);
            _ = Task.Run(() => RunAsync(version, running), CancellationToken.None);
        }
    }

    /// <summary>Stops; the model grain continues on another silo.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _running?.Cancel();
            _running = null;
        }
    }

    private async Task RunAsync(int version, CancellationTokenSource running)
    {
        while (!running.IsCancellationRequested)
        {
            try
            {
                await SegmentsTraces.RunAsync("roll out", span => RollOutAsync(version, span, running.Token));
                break;
            }
            catch (OperationCanceledException)
            {
                // Cancelled. This may run synchronously inside Cancel, before the token's state is visible elsewhere, so do not test the
                // token.
                break;
            }
            catch (Exception problem)
            {
                LogFailed(logger, version, problem.Message);
                await Task.Delay(RetryWait, clock, running.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }

        lock (_gate)
        {
            if (_running == running)
            {
                _running = null;
            }
        }

        running.Dispose();
    }

    private async Task<RolloutProgress> RollOutAsync(int version, Activity? span, CancellationToken cancellationToken)
    {
        IModelGrain grain = grains.GetGrain<IModelGrain>(0);
        var progress = new RolloutProgress(version, false, 0, 0, clock.GetUtcNow(), null);
        await steps.EachSiloAsync(worker => worker.AwaitModel(version), cancellationToken);
        PopulationSession session = await steps.BeginAsync(cancellationToken);
        RolloutResult[] results = await steps.EachRangeAsync(
            session, (worker, part) => worker.RollOut(session.Ranges[part], version), cancellationToken);
        await steps.EachSiloAsync(worker => worker.EndRollout(version), cancellationToken);
        progress = progress with { Complete = true, Evaluated = results.Sum(r => r.Evaluated), Moved = results.Sum(r => r.Moved) };
        span?.SetTag("segments.model.version", version).SetTag("segments.customers", progress.Evaluated).SetTag("segments.customers.moved", progress.Moved);
        await grain.Report(progress);
        LogComplete(logger, version, progress.Evaluated, progress.Moved);
        return progress;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Version} is rolled out: {Evaluated} customers evaluated, {Moved} moved")]
    private static partial void LogComplete(ILogger logger, int version, long evaluated, long moved);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The roll-out of model {Version} starts over: {Problem}")]
    private static partial void LogFailed(ILogger logger, int version, string problem);
}
