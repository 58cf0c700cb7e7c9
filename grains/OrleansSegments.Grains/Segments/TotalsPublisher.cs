using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansSegments.Contracts.Segments;
using OrleansSegments.Grains.Silos;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Totals;

namespace OrleansSegments.Grains.Segments;

/// <summary>
/// Tells the segment grains their committed sizes, so that they can remember them. Sizes themselves are answered from the store, whose totals
/// are those of all silos; so one silo tells them.
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

    /// <summary>Tells every segment whose size changed since the last time, if this is the silo that does.</summary>
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Telling segments their size failed; trying again at the next interval")]
    private static partial void LogPublishFailed(ILogger logger, Exception problem);
}
