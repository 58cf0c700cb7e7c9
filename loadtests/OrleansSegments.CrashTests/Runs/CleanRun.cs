using OrleansSegments.CrashTests.Files;
using OrleansSegments.CrashTests.Load;
using OrleansSegments.CrashTests.Processes;

namespace OrleansSegments.CrashTests.Runs;

/// <summary>A separate silo that is never killed and gets every event once, in another order and in other batches.</summary>
internal sealed class CleanRun : IAsyncDisposable
{
    /// <summary>Not a multiple of the senders' batch size.</summary>
    private const int BatchEvents = 331;

    private const int BatchesAtOnce = 4;

    private readonly TemporaryFolder _folder = new();
    private SiloProcess? _silo;

    private CleanRun()
    {
    }

    public Uri Address => _silo!.Address;

    public static async Task<CleanRun> FeedAsync(IEnumerable<EventBatch> batches, string catalogueFile, int seed)
    {
        var run = new CleanRun();
        try
        {
            run._silo = await SiloProcess.StartAsync(run._folder.Path, "--features", catalogueFile);
            BatchedEvent[] events = [.. batches.SelectMany(batch => batch.Events)];
            new Random(seed).Shuffle(events);
            await run.FeedAsync(EventBatch.Split(events, BatchEvents));
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task FeedAsync(List<EventBatch> batches)
    {
        var ledger = new SenderLedger();
        await LoadSenders.SettleAsync(_silo!.Api, batches, ledger, BatchesAtOnce, CancellationToken.None);
        if (ledger.Faults.Count > 0)
        {
            throw new InvalidOperationException($"The clean run does not accept its events: {ledger.Faults.First()}");
        }
    }
}
