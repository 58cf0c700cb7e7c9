namespace OrleansSegments.Benchmarks.Population;

/// <summary>Watches the collector and remembers its longest pause.</summary>
internal sealed class LongestPause : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _done = new();
    private readonly Task _watching;

    public LongestPause() => _watching = WatchAsync();

    public TimeSpan Length { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _watching;
        _done.Dispose();
    }

    private async Task WatchAsync()
    {
        long seen = GC.GetGCMemoryInfo(GCKind.Any).Index;
        using var timer = new PeriodicTimer(Interval);
        while (!_done.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            foreach (GCKind kind in (GCKind[])[GCKind.Ephemeral, GCKind.FullBlocking, GCKind.Background])
            {
                GCMemoryInfo info = GC.GetGCMemoryInfo(kind);
                foreach (TimeSpan pause in info.Index > seen ? info.PauseDurations : [])
                {
                    Length = pause > Length ? pause : Length;
                }
            }
        }
    }
}
