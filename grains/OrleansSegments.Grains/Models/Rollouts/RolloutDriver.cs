using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Passes;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Models.Rollouts;

/// <summary>
/// Steers the roll-out of a model over all silos, beside the model grain that begins it. First every silo must have the model in force: from
/// then on nobody is placed under an older one. Then passes over the whole population, until one has seen everybody and moved nobody: a change that
/// was on its way to the store during a pass is met by the next. A crash starts it over, which changes nothing that is already done.
/// </summary>
public sealed partial class RolloutDriver(
    PopulationPasses passes,
    IGrainFactory grains,
    ICustomerStore store,
    IOptions<ModelOptions> options,
    IHostApplicationLifetime host,
    TimeProvider clock,
    ILogger<RolloutDriver> logger)
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _running;
    private int _version;

    /// <summary>Makes sure that a model is being rolled out, and no other.</summary>
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

    /// <summary>Stops: the model grain goes on elsewhere.</summary>
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
                await RollOutAsync(version, running.Token);
                break;
            }
            catch (PassReplacedException replaced)
            {
                // Whoever replaced it rolls out as well; if it should die, the model grain sees to it that somebody does.
                LogReplaced(logger, version, replaced.Message);
                break;
            }
            catch (OperationCanceledException)
            {
                // Stopped, or the silo stops: this runs inside the very call that cancels, so that there may be nothing to see of it yet.
                break;
            }
            catch (Exception problem)
            {
                LogFailed(logger, problem, version);
                await Task.Delay(PassWorker.RetryWait, clock, running.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
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

    private async Task RollOutAsync(int version, CancellationToken cancellationToken)
    {
        IModelGrain grain = grains.GetGrain<IModelGrain>(0);
        DateTimeOffset startedAt = clock.GetUtcNow();
        await RunAsync(new PassOrder(Guid.NewGuid(), 0, [], new ModelInForceWork(version)), cancellationToken);
        var session = Guid.NewGuid();
        IdRange[] ranges = await passes.DivideAsync(cancellationToken);
        long moved = 0;
        for (int pass = 1; pass <= options.Value.RolloutPassesMax; pass++)
        {
            long populationBefore = store.Totals.Population;
            SweepResult[] results = await RunAsync(
                new PassOrder(session, pass, ranges, new SweepWork(version, WritesDeadlines: pass == 1)), cancellationToken);
            long evaluated = results.Sum(r => r.Rows);
            long movedNow = results.Sum(r => r.Moved);
            moved += movedNow;
            bool isComplete = movedNow == 0 && results.All(r => r.LeftBehind == 0) && evaluated >= populationBefore;
            if (isComplete)
            {
                await RunAsync(new PassOrder(Guid.NewGuid(), 0, [], new RolloutEndWork(version)), cancellationToken);
            }

            await grain.Report(new RolloutProgress(version, isComplete, evaluated, moved, startedAt, null));
            if (isComplete)
            {
                LogComplete(logger, version, evaluated, moved, pass);
                return;
            }
        }

        throw new InvalidOperationException(
            $"Model {version} still moved customers after {options.Value.RolloutPassesMax} passes (Models:RolloutPassesMax); the roll-out is not complete.");
    }

    private Task<SweepResult[]> RunAsync(PassOrder order, CancellationToken cancellationToken) =>
        passes.RunAsync<SweepResult>(SweepDuty.PassKind, order, cancellationToken);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Version} reached all {Evaluated} customers and moved {Moved}, in {Passes} passes")]
    private static partial void LogComplete(ILogger logger, int version, long evaluated, long moved, int passes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The roll-out of model {Version} failed and starts over")]
    private static partial void LogFailed(ILogger logger, Exception problem, int version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The roll-out of model {Version} stops here: {Reason}")]
    private static partial void LogReplaced(ILogger logger, int version, string reason);
}
