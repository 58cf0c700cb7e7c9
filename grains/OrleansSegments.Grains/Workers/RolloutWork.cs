using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Models;
using OrleansSegments.Grains.Populations;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Workers;

/// <summary>
/// Rolls a model out to a range on this silo by evaluating every stored customer under it. One pass is enough: every silo has the model
/// before it starts, so a change that the pass does not see was made under the model or is re-evaluated by its writer.
/// </summary>
public sealed class RolloutWork(
    CustomerServices customers, Reconsiderations reconsiderations, ISiloMembership silos, IGrainFactory grains)
{
    /// <summary>How often customers whose change the store could not take are retried.</summary>
    public const int AttemptsMax = 600;

    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(100);

    /// <summary>Evaluates a range on the thread pool, outside the grain's turns.</summary>
    public Task<RolloutResult> RollOutAsync(IdRange range, int modelVersion) => Task.Run(() => WorkAsync(range, modelVersion));

    private async Task<RolloutResult> WorkAsync(IdRange range, int modelVersion)
    {
        LiveModel model = await customers.Models.WaitForNewerAsync(modelVersion - 1, CancellationToken.None);
        long evaluated = 0;
        long moved = 0;
        await foreach (IReadOnlyList<StoredCustomer> page in customers.Store.ScanAsync(range, customers.Evaluator.Features.Catalogue, CancellationToken.None))
        {
            var movers = new List<StoredCustomer>();
            var deadlines = new List<DeadlineUpdate>();
            Evaluate(model, page, movers, deadlines);
            Task writing = customers.Store.UpdateDeadlinesAsync(deadlines, CancellationToken.None).AsTask();
            moved += await MoveAsync(movers);
            await writing;
            evaluated += page.Count;
        }

        customers.Metrics.RolloutMoved((int)moved);
        return new RolloutResult(evaluated, moved);
    }

    private void Evaluate(LiveModel model, IReadOnlyList<StoredCustomer> page, List<StoredCustomer> movers, List<DeadlineUpdate> deadlines)
    {
        long now = customers.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (StoredCustomer customer in page)
        {
            CustomerPlacement placement = customers.Evaluator.Place(model, customer.Record, customer.Record.State, now);
            if (placement.SegmentId != customer.Record.SegmentId)
            {
                movers.Add(customer);
            }
            else
            {
                // A stored deadline that is too early is kept: one needless evaluation later is cheaper than writing all rows now.
                long? dueAt = customers.Evaluator.LookAgainAt(model, placement, customer.Record.State, now);
                if (dueAt < (customer.DueAtMilliseconds ?? long.MaxValue))
                {
                    deadlines.Add(new DeadlineUpdate(customer.CustomerId, customer.Record.Version, dueAt));
                }
            }
        }
    }

    /// <summary>
    /// Moves customers and returns how many changed segment. Each is evaluated on the silo it belongs to, where its grain would be active.
    /// </summary>
    private async Task<long> MoveAsync(List<StoredCustomer> movers)
    {
        SiloView view = silos.Current;
        long moved = 0;
        foreach (IGrouping<int, StoredCustomer> share in movers.GroupBy(c => view.Holds(c.CustomerId) ? view.SelfIndex : view.OwnerOf(c.CustomerId)))
        {
            moved += share.Key == view.SelfIndex
                ? await MoveHereAsync([.. share])
                : Moved(await grains.GetGrain<IPopulationWorker>(view.Silos[share.Key]).Reconsider([.. share.Select(c => c.CustomerId)], ReconsiderReason.Model));
        }

        return moved;
    }

    private async Task<long> MoveHereAsync(IReadOnlyList<StoredCustomer> movers)
    {
        long moved = 0;
        for (int attempt = 1; ; attempt++)
        {
            ReconsiderReceipt[] receipts = await reconsiderations.RunAsync(movers, ReconsiderReason.Model, CancellationToken.None);
            moved += receipts.Count(r => r.Moved);
            movers = [.. movers.Where((_, i) => receipts[i].Status != RecordStatus.Durable)];
            if (movers.Count == 0)
            {
                return moved;
            }

            if (attempt == AttemptsMax)
            {
                throw new IOException($"{movers.Count} customers moved by the model could not be written.");
            }

            await Task.Delay(RetryWait, customers.Clock);
        }
    }

    private static long Moved(ReconsiderReceipt[] receipts) => receipts.All(r => r.Status == RecordStatus.Durable)
        ? receipts.Count(r => r.Moved)
        : throw new IOException("A silo could not write all customers moved by the model.");
}
