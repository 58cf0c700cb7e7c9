using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
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
    IOptions<DeadlineOptions> options,
    SegmentsMetrics metrics,
    TimeProvider clock,
    ILogger<DeadlineScanner> logger) : BackgroundService
{
    /// <summary>How long after its deadline another silo's customer is served by this silo.</summary>
    public static readonly TimeSpan OverdueMin = TimeSpan.FromSeconds(5);

    /// <summary>Serves every due customer of this silo; returns how many changed segment.</summary>
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

            IReadOnlyList<DueCustomer> due = Mine(await store.ReadDueAsync(now, options.Value.BatchMax, cancellationToken), now);
            ReconsiderReceipt[] receipts = await reconsiderations.RunAsync(await ReadAsync(due, cancellationToken), ReconsiderReason.Time, cancellationToken);
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

/// <summary>Options of the scan for due customers.</summary>
public sealed class DeadlineOptions
{
    public const string Section = "Deadlines";

    /// <summary>How often the earliest deadline is compared with the clock. 50 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")]
    public TimeSpan ScanInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Due customers read at a time. 1 to 65536.</summary>
    [Range(1, 65_536)]
    public int BatchMax { get; set; } = 2_048;
}
