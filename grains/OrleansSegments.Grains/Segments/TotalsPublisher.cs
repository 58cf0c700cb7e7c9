using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Grains.Segments;

/// <summary>
/// Sends the segment grains their committed sizes for the size history. The store's totals cover all silos, so one silo does it. Current
/// sizes are always answered from the store.
/// </summary>
public sealed partial class TotalsPublisher(
    IGrainFactory grains,
    ICustomerStore store,
    ISiloMembership silos,
    TimeProvider clock,
    ILogger<TotalsPublisher> logger)
    : BackgroundService
{
    /// <summary>How often sizes are told to the segment grains: one call a segment whose size changed, and the newest size of a history is a second old.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, long> _published = [];

    /// <summary>On the first silo: sends the size of every segment that changed since the last call.</summary>
    public async Task PublishAsync()
    {
        if (!silos.Current.IsFirst)
        {
            _published.Clear();
            return;
        }

        SegmentTotals totals = store.Totals;
        DateTimeOffset now = clock.GetUtcNow();
        foreach (int segmentId in totals.SizeBySegmentId.Keys.Union(_published.Keys).ToArray())
        {
            long size = totals.SizeOf(segmentId);
            if (_published.TryGetValue(segmentId, out long known) && known == size)
            {
                continue;
            }

            await grains.GetGrain<ISegmentGrain>(segmentId).Observe(size, now);
            _published[segmentId] = size;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await PublishAsync();
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                LogPublishFailed(logger, problem);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sending sizes to the segments failed; retrying at the next interval")]
    private static partial void LogPublishFailed(ILogger logger, Exception problem);
}
