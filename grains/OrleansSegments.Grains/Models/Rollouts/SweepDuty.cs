using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Passes;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Models.Rollouts;

/// <summary>
/// This silo's share of a roll-out: evaluates every customer of it; those whose segment changes reclassify themselves wherever they live,
/// the others only get their new deadline, unless they have moved on by then. Doing a share again changes nothing that is already done.
/// </summary>
public sealed class SweepDuty(
    IGrainFactory grains,
    PopulationReader population,
    IOptions<ModelOptions> options,
    CustomerServices customers) : IPassDuty
{
    public const string PassKind = "rollout";

    /// <summary>Deadlines written at a time.</summary>
    public const int DeadlineBatchMax = 65_536;

    public string Kind => PassKind;

    public async Task<PassResult> DoAsync(PassShare share, CancellationToken cancellationToken)
    {
        switch (share.Work)
        {
            case ModelInForceWork work:
                await customers.Models.WaitForNewerAsync(work.ModelVersion - 1, cancellationToken);
                return SweepResult.Nothing;
            case SweepWork work:
                LiveModel model = await customers.Models.WaitForNewerAsync(work.ModelVersion - 1, cancellationToken);
                return await SweepAsync(model, share.Ranges, work.WritesDeadlines, cancellationToken);
            case RolloutEndWork work:
                customers.Models.CompleteRollout(work.ModelVersion);
                return SweepResult.Nothing;
            default:
                throw new NotSupportedException($"{share.Work.GetType().Name} is not a step of a roll-out.");
        }
    }

    public void Rest()
    {
    }

    private async Task<SweepResult> SweepAsync(
        LiveModel model, IReadOnlyList<IdRange> ranges, bool writesDeadlines, CancellationToken cancellationToken)
    {
        long now = customers.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var movers = new ConcurrentQueue<string>();
        var deadlines = new ConcurrentQueue<DeadlineUpdate>();
        long evaluated = 0;
        await population.ReadAsync(
            ranges,
            Environment.ProcessorCount,
            (_, batch) =>
            {
                Evaluate(model, batch, now, movers, writesDeadlines ? deadlines : null);
                Interlocked.Add(ref evaluated, batch.Count);
            },
            cancellationToken);

        ReconsiderReceipt[] receipts = await CustomerCalls.AllAsync(
            [.. movers],
            options.Value.RolloutCallsMax,
            id => grains.GetGrain<ICustomerGrain>(CustomerKey.Of(id)).Reconsider(ReconsiderReason.Model),
            cancellationToken);
        foreach (DeadlineUpdate[] chunk in deadlines.Chunk(DeadlineBatchMax))
        {
            await customers.Store.UpdateDeadlinesAsync(chunk, cancellationToken);
        }

        int moved = receipts.Count(r => r.Moved);
        customers.Metrics.RolloutMoved(moved);
        return new SweepResult(evaluated, moved, receipts.Count(r => r.Status != RecordStatus.Durable));
    }

    private void Evaluate(
        LiveModel model, IReadOnlyList<StoredCustomer> batch, long now, ConcurrentQueue<string> movers, ConcurrentQueue<DeadlineUpdate>? deadlines)
    {
        foreach (StoredCustomer customer in batch)
        {
            CustomerPlacement placement = customers.Evaluator.Place(model, customer.Record, customer.Record.State, now);
            if (placement.SegmentId != customer.Record.SegmentId)
            {
                movers.Enqueue(customer.CustomerId);
            }
            else
            {
                deadlines?.Enqueue(new DeadlineUpdate(
                    customer.CustomerId, customer.Record.Version, customers.Evaluator.LookAgainAt(model, placement, customer.Record.State, now)));
            }
        }
    }
}
