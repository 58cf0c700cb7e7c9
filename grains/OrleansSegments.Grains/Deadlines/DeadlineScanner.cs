using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Contracts.Customers;
using OrleansSegments.Grains.Customers;
using OrleansSegments.Grains.Metrics;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;

namespace OrleansSegments.Grains.Deadlines;

/// <summary>
/// Evaluates customers whose segment is due to change by time alone, without activating them. The deadlines are in the store, so a restart
/// loses none. Each silo serves its own customers, and overdue ones of others, whose silo has died or cannot keep up. A due version is
/// overwritten only once, so two silos that both claim a customer do the work once. A pass without progress stops; the next interval tries
/// again.
/// </summary>
public sealed partial class DeadlineScanner(
    ICustomerStore store,
    Reconsiderations reconsiderations,
    ISiloMembership silos,
    SegmentsMetrics metrics,
    TimeProvider clock,
    ILogger<DeadlineScanner> logger,
    TimeSpan? scanInterval = null) : BackgroundService
{
    /// <summary>How long after its deadline another silo's customer is served by this silo.</summary>
    public static readonly TimeSpan OverdueMin = TimeSpan.FromSeconds(5);

    /// <summary>Due customers read at a time: a pass over them takes a fraction of a second, and their records few megabytes.</summary>
    private const int BatchMax = 2_048;

    /// <summary>How often the earliest deadline is compared with the clock; only a test that serves deadlines itself says another. Nobody notices half a second.</summary>
    private readonly TimeSpan _scanInterval = scanInterval ?? TimeSpan.FromMilliseconds(500);

    /// <summary>Serves everyone who is due now and falls to this silo; returns how many were moved to another segment.</summary>
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

            using Activity? span = SegmentsTraces.Begin("serve deadlines");
            IReadOnlyList<DueCustomer> due = Mine(await store.ReadDueAsync(now, BatchMax, cancellationToken), now);
            ReconsiderReceipt[] receipts = await reconsiderations.RunAsync(await ReadAsync(due, cancellationToken), ReconsiderReason.Time, cancellationToken);
            int served = receipts.Count(r => r.Status == RecordStatus.Durable);
            moved += receipts.Count(r => r.Moved);
            metrics.DeadlinesServed(served);
            span?.SetTag("segments.customers", receipts.Length).SetTag("segments.customers.served", served);
            if (served == 0)
            {
                return moved;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_scanInterval);
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

    /// <summary>Reads the due records; a customer that has changed since has a new deadline and is skipped.</summary>
    private async Task<IReadOnlyList<StoredCustomer>> ReadAsync(IReadOnlyList<DueCustomer> due, CancellationToken cancellationToken)
    {
        IReadOnlyList<CustomerRecord?> records = await store.ReadManyAsync([.. due.Select(d => d.CustomerId)], cancellationToken);
        return [.. due.Zip(records).Where(d => d.Second?.Version == d.First.Version).Select(d => new StoredCustomer(d.First.CustomerId, d.Second!, d.First.DueAtMilliseconds))];
    }

    private IReadOnlyList<DueCustomer> Mine(IReadOnlyList<DueCustomer> due, long now)
    {
        SiloView view = silos.Current;
        if (view.IsAlone)
        {
            return due;
        }

        DueCustomer[] mine = [.. due.Where(c => view.Holds(c.CustomerId))];
        return mine.Length > 0 ? mine : [.. due.Where(c => now - c.DueAtMilliseconds >= OverdueMin.TotalMilliseconds)];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Serving due customers failed; retrying at the next interval")]
    private static partial void LogScanFailed(ILogger logger, Exception problem);
}
