using OrleansSegments.CrashTests.Http;
using OrleansSegments.LoadGenerator;

namespace OrleansSegments.CrashTests.Load;

/// <summary>
/// Several senders that hand in one new batch after the other, each again and again until it is acknowledged, through refusals and broken
/// connections alike. Now and then a batch is repeated that was acknowledged just before, as clients do that missed an answer.
/// </summary>
public sealed class LoadSenders : IAsyncDisposable
{
    /// <summary>Attempts that let the wait grow: a client of a server that is being restarted asks a few times a second.</summary>
    private const int WaitGrowsUntil = 3;

    /// <summary>Every so manyth batch is sent twice.</summary>
    private const int RepeatEvery = 10;

    private readonly SegmentsApi _api;
    private readonly ShopperFeed _feed;
    private readonly SenderLedger _ledger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _senders;

    private LoadSenders(SegmentsApi api, ShopperFeed feed, SenderLedger ledger, int senders)
    {
        _api = api;
        _feed = feed;
        _ledger = ledger;
        _senders = [.. Enumerable.Range(0, senders).Select(_ => Task.Run(SendAllAsync))];
    }

    public static LoadSenders Start(SegmentsApi api, ShopperFeed feed, SenderLedger ledger, int senders) => new(api, feed, ledger, senders);

    /// <summary>Sends every batch until it is acknowledged, once each.</summary>
    public static Task SettleAsync(SegmentsApi api, IEnumerable<EventBatch> batches, SenderLedger ledger, int senders, CancellationToken ct) =>
        Parallel.ForEachAsync(
            batches,
            new ParallelOptions { MaxDegreeOfParallelism = senders, CancellationToken = ct },
            async (batch, token) => await SendAsync(api, batch, ledger, token));

    /// <summary>Begins nothing new; returns when every attempt under way has got its answer or lost its connection.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_senders);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task SendAllAsync()
    {
        for (int sent = 1; !_stop.IsCancellationRequested; sent++)
        {
            EventBatch batch = _feed.Next();
            await SendAsync(_api, batch, _ledger, _stop.Token);
            if (sent % RepeatEvery == 0)
            {
                await SendAsync(_api, batch, _ledger, _stop.Token);
            }
        }
    }

    private static async Task SendAsync(SegmentsApi api, EventBatch batch, SenderLedger ledger, CancellationToken stop)
    {
        for (int attempt = 1; !stop.IsCancellationRequested; attempt++)
        {
            // An attempt is never broken off from here: what it came to would be unknown without need.
            BatchAnswer answer = await ledger.AttemptAsync(api, batch, Math.Min(attempt, WaitGrowsUntil), CancellationToken.None);
            if (answer.Outcome is BatchOutcome.Accepted or BatchOutcome.Refused)
            {
                return;
            }

            await Task.Delay(answer.Wait, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
