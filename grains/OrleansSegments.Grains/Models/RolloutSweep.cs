using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Contracts.Models;
using OrleansSegments.Grains.Batches;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Models;

/// <summary>
/// Takes a new model to every customer of the silo. A pass evaluates everyone; those whose segment changes reclassify themselves, the others
/// only get their new deadline. A change that was on its way to the store during a pass is met by the next; the roll-out is complete
/// after a pass that moved nobody. A crash starts it over, which changes nothing that is already done.
/// </summary>
public sealed partial class RolloutSweep(
    IGrainFactory grains,
    ModelCache models,
    PopulationReader population,
    CustomerEvaluator evaluator,
    ICustomerStore store,
    IOptions<ModelOptions> options,
    SegmentsMetrics metrics,
    TimeProvider clock,
    ILogger<RolloutSweep> logger) : BackgroundService
{
    /// <summary>Deadlines written at a time.</summary>
    public const int DeadlineBatchMax = 65_536;

    /// <summary>Takes one model to everyone; returns how many customers it moved.</summary>
    public async Task<long> SweepAsync(LiveModel model, CancellationToken cancellationToken)
    {
        IModelGrain grain = grains.GetGrain<IModelGrain>(0);
        DateTimeOffset startedAt = clock.GetUtcNow();
        long moved = 0;
        for (int pass = 1; pass <= options.Value.RolloutPassesMax; pass++)
        {
            SweepPass result = await PassAsync(model, writeDeadlines: pass == 1, cancellationToken);
            moved += result.Moved;
            bool complete = result.Moved == 0 && result.LeftBehind == 0;
            await grain.Report(new RolloutProgress(model.Version, complete, result.Evaluated, moved, startedAt, null));
            if (complete)
            {
                models.CompleteRollout(model.Version);
                LogComplete(logger, model.Version, result.Evaluated, moved, pass);
                return moved;
            }
        }

        throw new InvalidOperationException(
            $"Model {model.Version} still moved customers after {options.Value.RolloutPassesMax} passes (Models:RolloutPassesMax); the roll-out is not complete.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        int swept = models.Current.RolloutComplete ? models.Current.Version : models.Current.Version - 1;
        while (!stoppingToken.IsCancellationRequested)
        {
            LiveModel model = await models.WaitForNewerAsync(swept, stoppingToken);
            try
            {
                await SweepAsync(model, stoppingToken);
                swept = model.Version;
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogFailed(logger, problem, model.Version);
                await Task.Delay(ModelCache.RetryWait, stoppingToken);
            }
        }
    }

    private async Task<SweepPass> PassAsync(LiveModel model, bool writeDeadlines, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var movers = new ConcurrentQueue<string>();
        var deadlines = new ConcurrentQueue<DeadlineUpdate>();
        long evaluated = 0;
        await population.ReadAllAsync(
            Environment.ProcessorCount,
            (_, batch) =>
            {
                Evaluate(model, batch, now, movers, writeDeadlines ? deadlines : null);
                Interlocked.Add(ref evaluated, batch.Count);
            },
            cancellationToken);

        ReconsiderReceipt[] receipts = await BoundedCalls.AllAsync(
            [.. movers],
            options.Value.RolloutCallsMax,
            id => grains.GetGrain<ICustomerGrain>(CustomerKey.Of(id)).Reconsider(ReconsiderReason.Model),
            cancellationToken);
        foreach (DeadlineUpdate[] chunk in deadlines.Chunk(DeadlineBatchMax))
        {
            await store.UpdateDeadlinesAsync(chunk, cancellationToken);
        }

        int moved = receipts.Count(r => r.Moved);
        metrics.RolloutMoved(moved);
        return new SweepPass(evaluated, moved, receipts.Count(r => r.Status != RecordStatus.Durable));
    }

    private void Evaluate(
        LiveModel model, IReadOnlyList<StoredCustomer> batch, long now, ConcurrentQueue<string> movers, ConcurrentQueue<DeadlineUpdate>? deadlines)
    {
        foreach (StoredCustomer customer in batch)
        {
            CustomerPlacement placement = evaluator.Place(model, customer.Record, customer.Record.State, now);
            if (placement.SegmentId != customer.Record.SegmentId)
            {
                movers.Enqueue(customer.CustomerId);
            }
            else
            {
                deadlines?.Enqueue(new DeadlineUpdate(
                    customer.CustomerId, customer.Record.Version, evaluator.LookAgainAt(model, placement, customer.Record.State, now)));
            }
        }
    }

    private readonly record struct SweepPass(long Evaluated, int Moved, int LeftBehind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Version} reached all {Evaluated} customers and moved {Moved}, in {Passes} passes")]
    private static partial void LogComplete(ILogger logger, int version, long evaluated, long moved, int passes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The roll-out of model {Version} failed and starts over")]
    private static partial void LogFailed(ILogger logger, Exception problem, int version);
}
