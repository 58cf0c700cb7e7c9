using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansSegments.Storage.Customers;
using OrleansSegments.Storage.Transitions;

namespace OrleansSegments.Benchmarks.Population;

/// <summary>Wraps the real store to record how long after its deadline each due customer was durably evaluated.</summary>
internal sealed class DueWatch(ICustomerStore store, Func<DateTimeOffset> now) : PassingStore(store)
{
    private readonly Dictionary<string, long> _dueAt = new(StringComparer.Ordinal);

    /// <summary>Milliseconds, one per served customer.</summary>
    public List<double> Lateness { get; } = [];

    public static DueWatch Replace(IServiceCollection services, Func<DateTimeOffset> now)
    {
        ServiceDescriptor registered = services.Single(service => service.ServiceType == typeof(ICustomerStore));
        var watch = new DueWatch((ICustomerStore)registered.ImplementationInstance!, now);
        services.Replace(ServiceDescriptor.Singleton<ICustomerStore>(watch));
        return watch;
    }

    public void Expect(IEnumerable<DeadlineUpdate> due)
    {
        lock (_dueAt)
        {
            Lateness.Clear();
            _dueAt.Clear();
            foreach (DeadlineUpdate update in due)
            {
                _dueAt[update.CustomerId] = update.DueAtMilliseconds!.Value;
            }
        }
    }

    public override void Commit(CustomerChange change, ICommitListener listener) =>
        Inner.Commit(change, change.Cause == TransitionCause.Time ? new Listener(this, change.CustomerId, listener) : listener);

    private void Served(string customerId)
    {
        lock (_dueAt)
        {
            if (_dueAt.Remove(customerId, out long dueAt))
            {
                Lateness.Add(now().ToUnixTimeMilliseconds() - dueAt);
            }
        }
    }

    private sealed class Listener(DueWatch watch, string customerId, ICommitListener listener) : ICommitListener
    {
        public void Ended(CommitOutcome outcome)
        {
            if (outcome == CommitOutcome.Committed)
            {
                watch.Served(customerId);
            }

            listener.Ended(outcome);
        }
    }
}

/// <summary>Records the longest pause of the garbage collector.</summary>
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
