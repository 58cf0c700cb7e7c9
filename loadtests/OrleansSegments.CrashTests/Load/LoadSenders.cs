using OrleansSegments.CrashTests.Http;
using OrleansSegments.LoadGenerator;

namespace OrleansSegments.CrashTests.Load;

/// <summary>
/// Several senders, each sending one new batch after another, and each batch again until it is acknowledged, through refusals and broken
/// connections. Some batches are repeated after their acknowledgement, as by clients that missed an answer.
/// </summary>
public sealed class LoadSenders : IAsyncDisposable
{
    /// <summary>Number of attempts for which the wait grows: a client of a restarting server retries a few times a second.</summary>
    private const int WaitGrowsUntil = 3;

    /// <summary>Every n-th batch is sent twice.</summary>
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

    /// <summary>Sends every batch once until it is acknowledged.</summary>
    public static Task SettleAsync(SegmentsApi api, IEnumerable<EventBatch> batches, SenderLedger ledger, int senders, CancellationToken ct) =>
        Parallel.ForEachAsync(
            batches,
            new ParallelOptions { MaxDegreeOfParallelism = senders, CancellationToken = ct },
            async (batch, token) => await SendAsync(api, batch, ledger, token));

    /// <summary>Starts nothing new; completes when every pending attempt has its answer or lost its connection.</summary>
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
            // Pending attempts are not cancelled here, because their outcome would become unknown needlessly.
            BatchAnswer answer = await ledger.AttemptAsync(api, batch, Math.Min(attempt, WaitGrowsUntil), CancellationToken.None);
            if (answer.Outcome is BatchOutcome.Accepted or BatchOutcome.Refused)
            {
                return;
            }

            await Task.Delay(answer.Wait, stop).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }
}
