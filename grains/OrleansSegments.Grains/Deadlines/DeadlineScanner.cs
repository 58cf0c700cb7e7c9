using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Batches;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Deadlines;

/// <summary>
/// Lets customers whose segment is due to change by the passing of time evaluate themselves, in memory or not. The deadlines are the
/// store's, so a restart forgets none. A pass that got nobody further stops; the next interval tries again.
/// </summary>
public sealed partial class DeadlineScanner(
    IGrainFactory grains,
    ICustomerStore store,
    IOptions<DeadlineOptions> options,
    SegmentsMetrics metrics,
    TimeProvider clock,
    ILogger<DeadlineScanner> logger) : BackgroundService
{
    /// <summary>Serves everyone who is due now; returns how many were moved to another segment.</summary>
    public async Task<int> ScanAsync(CancellationToken cancellationToken)
    {
        int moved = 0;
        while (true)
        {
            long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            if (store.EarliestDeadlineMilliseconds is not { } earliest || earliest > now)
            {
                return moved;
            }

            IReadOnlyList<DueCustomer> due = await store.ReadDueAsync(now, options.Value.BatchMax, cancellationToken);
            ReconsiderReceipt[] receipts = await BoundedCalls.AllAsync(
                due,
                options.Value.CallsMax,
                customer => grains.GetGrain<ICustomerGrain>(CustomerKey.Of(customer.CustomerId)).Reconsider(ReconsiderReason.Time),
                cancellationToken);
            int served = receipts.Count(r => r.Status == RecordStatus.Durable);
            moved += receipts.Count(r => r.Moved);
            metrics.DeadlinesServed(served);
            if (served == 0)
            {
                return moved;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ScanInterval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ScanAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogScanFailed(logger, problem);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Serving due customers failed; trying again at the next interval")]
    private static partial void LogScanFailed(ILogger logger, Exception problem);
}
